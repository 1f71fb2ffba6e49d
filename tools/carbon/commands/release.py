"""`carbon release`: lists, prepares and publishes releases of the charts."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from semver import Version

from carbon.app import add_group
from carbon.console import out
from carbon.errors import CarbonError
from carbon.files import format_path
from carbon.home import ROOT
from carbon.options import Output, OutputOption, print_rows
from carbon.release.index import FOLDER, INDEX, Release, read_index
from carbon.release.prepare import write_release
from carbon.release.publish import compare, find_previous, publish
from carbon.release.targets import parse_target
from carbon.release.versions import check_version, parse_version
from carbon.upgrade.versions import find_bump

command = add_group("release", "List, prepare and publish releases of the charts.")

COLUMNS = ("version", "date", "commit", "packages", "state")


@command.callback(invoke_without_command=True)
def list_releases(context: typer.Context, output: OutputOption = Output.text) -> None:
    """List the releases in tests/upgrade/releases, oldest first."""
    if not context.invoked_subcommand:
        rows = [_build_row(release) for release in read_index()]
        print_rows(rows, output, COLUMNS, {"stored": "green"})


@command.command("prepare")
def prepare(
    version: Annotated[str, typer.Argument(help="Version of the release, such as 0.2.0.")],
) -> None:
    """Write a release's version and changes into the charts and CHANGELOG.md.

    `carbon upgrade-check` finds the changes since the release before. A version that is too small
    for them is refused.
    """
    new, releases = parse_version(version), read_index()
    if version in {release.version for release in releases}:
        raise CarbonError(
            f"{format_path(FOLDER / INDEX)} already has the release {version}",
            "A release never changes: choose a larger version.",
        )
    if (previous := find_previous(new, releases)) is None:
        raise CarbonError(
            f"there is no release before {version}",
            f"Choose a version after {releases[0].version}." if releases else "",
        )
    since, findings = Version.parse(previous.version), compare(previous, ROOT)
    check_version(new, since, find_bump(findings))
    for path in write_release(ROOT, new, since, findings, datetime.now(UTC).date()):
        out.print(f"[green]✓[/] {format_path(path)}")
    out.print("Review and commit these files, then run: carbon release publish --to DIR or oci://…")


@command.command("publish")
def publish_release(
    to: Annotated[
        str,
        typer.Option(
            metavar="DIR|oci://…", help="Folder, or path in an OCI registry, for the packages."
        ),
    ],
    sign: Annotated[
        str, typer.Option(help="Name or fingerprint of the key of GnuPG that signs the packages.")
    ] = "",
    passphrase_file: Annotated[
        Path | None,
        typer.Option(exists=True, help="File with the key's passphrase. Default: GnuPG asks."),
    ] = None,
    ca_file: Annotated[
        Path | None,
        typer.Option(exists=True, help="Certificate authority of the registry, in PEM."),
    ] = None,
    plain_http: Annotated[
        bool, typer.Option("--plain-http", help="Connect to the registry without TLS.")
    ] = False,
) -> None:
    """Package the commit that is checked out, and add the packages to a folder or a registry.

    The release is also added to tests/upgrade/releases. Packages that exist with the same content
    are left as they are, so the command continues after an interrupt.
    """
    options = ["--ca-file", str(ca_file)] if ca_file else []
    options += ["--plain-http"] if plain_http else []
    target = parse_target(to, tuple(options))
    release, added = publish(target, sign, passphrase_file)
    for name in added:
        out.print(f"[green]✓[/] {name} {release.packages[name]}", markup=True)
    old = len(release.packages) - len(added)
    unsigned = " and are not signed again" if sign else ""
    rest = f"; {old} packages were there already{unsigned}" if old else ""
    out.print(f"{release.version} is in {to}{rest}. Commit {format_path(FOLDER)} if it changed.")


def _build_row(release: Release) -> dict[str, object]:
    return {
        "version": release.version,
        "date": release.date,
        "commit": release.commit[:12],
        "packages": len(release.packages),
        "digests": release.packages,
        "state": "stored",
    }
