"""Decisions about external programs: pure functions over what programs print."""

import re

from carbon.errors import CarbonError

GO_NEEDED = (1, 24)
"""The oldest Go that knows `tool` lines; it fetches a newer one itself where a go.mod says so."""

_VERSION = re.compile(r"(?<![\d.])v?(\d+\.\d+\.\d+(?:-[0-9A-Za-z][0-9A-Za-z.-]*)?)")
_GO = re.compile(r"\bgo(\d+)\.(\d+)")
_MEMORY = "Close other programs, or give the machine more memory, then run the same again."
_CAUSES = (
    # What Go prints -> what is wrong, what to do.
    (
        r"no space left on device",
        "the disk is full",
        "Free some gigabytes there (all of them together take about 12) and run the same again.",
    ),
    (
        r"(?:reading|verifying) (\S+): (40[34]|41\d|451)[^\n]*",
        r"the download was refused ({2}): {1}",
        "Set GOPROXY to a module proxy that serves it, then run the same again.",
    ),
    (
        r"(?:reading|verifying) (\S+): (50\d|429)[^\n]*",
        r"the module proxy is out of order ({2}): {1}",
        "Run the same again later, or set GOPROXY to another module proxy.",
    ),
    (
        r"dial tcp[^\n]*|no such host|i/o timeout|TLS handshake timeout|connection re\w+[^\n]*",
        "the module proxy is out of reach: {0}",
        "Check the network (or set GOPROXY to a proxy within reach) and run the same again.",
    ),
    (
        r"unable to access '([^']+)'[^\n]*",
        "no module proxy serves it, and its own repository is out of reach: {1}",
        "Set GOPROXY to a module proxy that serves it, then run the same again.",
    ),
    (
        r"x509: [^\n]*",
        "the module proxy's certificate is not trusted here: {0}",
        "Install the package ca-certificates, or name your authority in SSL_CERT_FILE.",
    ),
    (
        r"checksum mismatch|SECURITY ERROR",
        "what was downloaded does not match its checksum in go.sum",
        "Don't use that proxy: set GOPROXY to one you trust and run the same again.",
    ),
    (r"signal: killed|out of memory|cannot allocate memory", "it ran out of memory", _MEMORY),
    (
        r"updates to go\.mod needed|missing go\.sum entry|go: inconsistent",
        "go.mod and go.sum do not fit together",
        "Run `go mod tidy` in its folder under tools/externals and commit both files.",
    ),
    (
        r"toolchain not available|download go1\S+ for [^\n]*",
        "the Go version it needs could not be fetched: {0}",
        "Install that Go version, or remove the one on PATH to take the pinned one.",
    ),
)


def prints_version(said: str, version: str) -> bool:
    """Whether the first version number in a program's answer is `version`, suffixes included."""
    found = _VERSION.search(said)
    return found is not None and found[1] == version


def go_is_enough(said: str) -> bool:
    """Whether `go version` names a Go that can build the table."""
    found = _GO.search(said)
    return found is not None and (int(found[1]), int(found[2])) >= GO_NEEDED


def build_failure(name: str, said: str) -> CarbonError:
    """One line about a failed build; what Go said last is shown where the cause is unknown."""
    for sign, what, remedy in _CAUSES:
        if found := re.search(sign, said, re.I):
            return CarbonError(
                f"building {name}: {what.format(found[0], *found.groups())}"[:300], remedy
            )
    last = "\n".join(f"    {line}" for line in said.strip().splitlines()[-10:])
    return CarbonError(f"building {name} failed:\n{last}", "Put that right and run the same again.")
