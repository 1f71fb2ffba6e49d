"""Reads versions and causes of failures from the output of programs."""

import re

from carbon.errors import CarbonError, find_cause, indent_tail

GO_NEEDED = (1, 24)
"""The oldest Go that reads `tool` lines in go.mod. It downloads the Go that a go.mod requires."""

_VERSION = re.compile(r"(?<![\d.])v?(\d+\.\d+\.\d+(?:-[0-9A-Za-z][0-9A-Za-z.-]*)?)")
_GO = re.compile(r"\bgo(\d+)\.(\d+)")
_CAUSES = (
    (
        r"no space left on device",
        "the disk is full",
        "Free disk space (all external programs take about 12 GB) and run the same command again.",
    ),
    (
        r"(?:reading|verifying) (\S+): (40[34]|41\d|451)[^\n]*",
        r"the download was refused ({2}): {1}",
        "Set GOPROXY to a module proxy that serves the module, then run the same command again.",
    ),
    (
        r"(?:reading|verifying) (\S+): (50\d|429)[^\n]*",
        r"the module proxy failed ({2}): {1}",
        "Run the same command again later, or set GOPROXY to another module proxy.",
    ),
    (
        r"dial tcp[^\n]*|no such host|i/o timeout|TLS handshake timeout|connection re\w+[^\n]*",
        "the module proxy can't be reached: {0}",
        "Check the network (or set GOPROXY to another proxy) and run the same command again.",
    ),
    (
        r"unable to access '([^']+)'[^\n]*",
        "no module proxy serves the module, and its repository can't be reached: {1}",
        "Set GOPROXY to a module proxy that serves the module, then run the same command again.",
    ),
    (
        r"x509: [^\n]*",
        "the module proxy's certificate is not trusted here: {0}",
        "Install the package ca-certificates, or set SSL_CERT_FILE to your CA certificate.",
    ),
    (
        r"checksum mismatch|SECURITY ERROR",
        "a downloaded module does not match its checksum in go.sum",
        "Set GOPROXY to a proxy that you trust and run the same command again.",
    ),
    (
        r"signal: killed|out of memory|cannot allocate memory",
        "the build ran out of memory",
        "Close other programs, or give the machine more memory, then run the same command again.",
    ),
    (
        r"updates to go\.mod needed|missing go\.sum entry|go: inconsistent",
        "go.mod and go.sum do not match",
        "Run `go mod tidy` in the folder of the program in tools/externals; commit both files.",
    ),
    (
        r"toolchain not available|download go1\S+ for [^\n]*",
        "the required version of Go can't be downloaded: {0}",
        "Install that version, or remove Go from PATH to use the pinned version.",
    ),
)


def prints_version(output: str, version: str) -> bool:
    """Return whether the first version number in an output is `version`, with its suffix."""
    match = _VERSION.search(output)
    return match is not None and match[1] == version


def is_go_new_enough(output: str) -> bool:
    """Return whether the output of `go version` names a Go that can build the programs."""
    match = _GO.search(output)
    return match is not None and (int(match[1]), int(match[2])) >= GO_NEEDED


def explain_failure(name: str, output: str) -> CarbonError:
    """Return the error for a failed build: its cause, or the last lines of Go's output."""
    if cause := find_cause(output, _CAUSES):
        what, remedy = cause
        return CarbonError(f"can't build {name}: {what}"[:300], remedy)
    return CarbonError(
        f"can't build {name}:\n{indent_tail(output, 10)}",
        "Correct the error and run the same command again.",
    )
