"""`carbon gitops`: writes the objects with which Argo CD installs the platform."""

from pathlib import Path
from typing import Annotated

import typer

from carbon.app import add_group
from carbon.console import out
from carbon.errors import CarbonError
from carbon.gitops.documents import build_documents
from carbon.gitops.plan import QUICKSTART, build_plan
from carbon.gitops.source import parse_source

command = add_group(
    "gitops", "Write the objects with which Argo CD installs the platform.", needs_command=True
)


@command.callback()
def gitops() -> None:
    """Write the objects with which Argo CD installs the platform."""


@command.command("render")
def render(
    source: Annotated[
        str,
        typer.Argument(
            metavar="URL",
            help="Git repository with the charts, or package of the umbrella (oci://…).",
        ),
    ],
    revision: Annotated[
        str, typer.Option(help="Branch, tag or commit of the repository; version of the package.")
    ],
    profile: Annotated[
        str, typer.Option(help="Name of a values file in values/, or quickstart.")
    ] = QUICKSTART,
    values: Annotated[
        list[Path] | None,
        typer.Option(help="Values file, which becomes part of the Application. Repeatable."),
    ] = None,
    without: Annotated[
        list[str] | None,
        typer.Option(help="Operator that the cluster already has. Repeatable.", metavar="NAME"),
    ] = None,
    namespace: Annotated[
        str, typer.Option("--namespace", "-n", help="Namespace of the release.")
    ] = "data-platform",
    apps_repository: Annotated[
        str,
        typer.Option(
            metavar="URL",
            help="Git repository for the Applications. Default: the repository of the charts.",
        ),
    ] = "",
    apps_revision: Annotated[
        str, typer.Option(help="Branch, tag or commit of the repository for the Applications.")
    ] = "main",
    apps_path: Annotated[
        str, typer.Option(help="Folder for the Applications in that repository.")
    ] = "gitops/applications",
    to: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Folder for the files. Default: standard output."),
    ] = None,
) -> None:
    """Write the Applications, AppProjects and health checks for Argo CD.

    The rights of the AppProjects follow from the objects that the charts of this checkout render,
    so check out the revision that Argo CD installs.
    """
    plan = build_plan(
        parse_source(source, revision),
        profile,
        values or (),
        apps=parse_source(apps_repository, apps_revision) if apps_repository else None,
        path=apps_path,
        namespace=namespace,
        without=without or (),
    )
    files = build_documents(plan)
    if to is None:
        print("---\n".join(f"# {name}\n{text}" for name, text in files.items()), end="")
        return
    try:
        for name, text in files.items():
            (to / name).parent.mkdir(parents=True, exist_ok=True)
            (to / name).write_text(text, "utf-8")
            out.print(f"[green]✓[/] {to / name}")
    except OSError as wrong:
        raise CarbonError(
            f"can't write to {to}: {wrong.strerror}", "Name a folder that this user may write to."
        ) from wrong
