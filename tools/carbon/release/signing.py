"""Provenance files, with which `helm verify` and `helm install --verify` check a package.

The format is that of `helm package --sign` (pkg/provenance/sign.go, Helm 4.3.1): Chart.yaml, a line
of three dots and the package's digest, signed in clear text. Helm would sign the archive that it
writes itself, before its files are sorted; therefore GnuPG signs here.
"""

from pathlib import Path

from carbon.process import run
from carbon.release.archives import compute_digest, read_archive

_REMEDY = (
    "Install GnuPG if it is missing. Pass the name or the fingerprint of a key that "
    "`gpg --list-secret-keys` lists."
)


def sign_package(package: Path, key: str, passphrase: Path | None) -> Path:
    """Write the provenance file of a package beside it, and return its path.

    Args:
        package: the package.
        key: the name or the fingerprint of a secret key of GnuPG.
        passphrase: file with the key's passphrase; None if the agent of GnuPG knows or asks.

    Raises:
        CarbonError: GnuPG is missing, or can't sign with the key.
    """
    content = package.read_bytes()
    files = read_archive(content, package.name)
    chart = min((path for path in files if path.endswith("/Chart.yaml")), key=len)
    text = f"{files[chart].decode()}\n...\nfiles:\n  {package.name}: {compute_digest(content)}\n"
    target = package.with_name(f"{package.name}.prov")
    command: list[str | Path] = ["gpg", "--batch", "--yes", "--local-user", key]
    if passphrase is not None:
        command += ["--pinentry-mode", "loopback", "--passphrase-file", passphrase]
    command += ["--digest-algo", "SHA512", "--output", target, "--clearsign"]
    run(command, stdin=text, remedy=_REMEDY)
    return target
