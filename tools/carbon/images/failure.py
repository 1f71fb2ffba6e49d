"""Explains why the build of an image failed, from the output of its programs."""

import re
from pathlib import Path

from carbon.errors import CarbonError, find_cause

_NETWORK = "Check the network and run the same command again. Finished images are not built again."
_CAUSES = (
    (
        r"no space left on device",
        "the disk is full",
        "Free disk space (all images take about 3 GB) and run the same command again.",
    ),
    (
        r"DO NOT MATCH THE HASHES",
        "a downloaded package does not match its hash in requirements.lock",
        "Set PIP_INDEX_URL to an index that you trust and run the same command again.",
    ),
    (
        r"(?:Temporary failure resolving|Could not resolve|Failed to fetch|Could not connect|"
        r"Failed to establish a new connection|Max retries exceeded|Read timed out|"
        r"CERTIFICATE_VERIFY_FAILED|HTTP error \d+)[^\n]*",
        "a download failed: {0}",
        _NETWORK,
    ),
    (
        r"(?:No matching distribution found for|Unable to locate package) [^\n]*",
        "a package is not available: {0}",
        "Check the package index that this machine uses, or pin another version.",
    ),
    (
        r"overlay[^\n]*(?:not supported|invalid argument)[^\n]*",
        "the file system does not support overlays: {0}",
        "Set CARBON_HOME to a folder on ext4 or xfs and run the same command again.",
    ),
    (
        r"out of memory|cannot allocate memory|Killed",
        "the build ran out of memory",
        "Close other programs, then run the same command again.",
    ),
)
_ERROR = re.compile(r"^(?:ERROR|E|error|Error): .*$", re.MULTILINE)


def explain_failure(name: str, output: str, log: Path) -> CarbonError:
    """Return the error for a failed build of an image, from the output in its log."""
    if cause := find_cause(output, _CAUSES):
        what, remedy = cause
        return CarbonError(f"can't build image {name}: {what}"[:300], remedy)
    lines = _ERROR.findall(output) or output.strip().splitlines()[-1:] or ["no output"]
    return CarbonError(f"can't build image {name}: {lines[0]}"[:300], f"The whole log: {log}")
