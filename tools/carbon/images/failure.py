"""Why a build failed: one line from what its programs said."""

import re
from pathlib import Path

from carbon.errors import CarbonError

_NETWORK = "Check the network and run the same command again; what is done is not done again."
_CAUSES = (
    # What the log says -> what is wrong, what to do.
    (
        r"no space left on device",
        "the disk is full",
        "Free some gigabytes there (all images take about 3) and run the same command again.",
    ),
    (
        r"DO NOT MATCH THE HASHES",
        "a downloaded package does not match its hash in requirements.lock",
        "Don't use that index: set PIP_INDEX_URL to one you trust and run the same command again.",
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
        "a package is not to be had: {0}",
        "Check the package index that this machine uses, or pin another version.",
    ),
    (
        r"overlay[^\n]*(?:not supported|invalid argument)[^\n]*",
        "the file system does not carry overlays: {0}",
        "Set CARBON_HOME to a folder on ext4 or xfs and run the same command again.",
    ),
    (
        r"out of memory|cannot allocate memory|Killed",
        "it ran out of memory",
        "Close other programs, then run the same command again.",
    ),
)
_SAID = re.compile(r"^(?:ERROR|E|error|Error): .*$", re.MULTILINE)


def failure(name: str, said: str, log: Path) -> CarbonError:
    """The error for a failed build of image `name` whose log says `said`."""
    for sign, what, remedy in _CAUSES:
        if found := re.search(sign, said, re.IGNORECASE):
            return CarbonError(f"image {name}: {what.format(found[0])}"[:300], remedy)
    lines = _SAID.findall(said) or said.strip().splitlines()[-1:] or ["it said nothing"]
    return CarbonError(f"image {name} can't be built: {lines[0]}"[:300], f"The whole log: {log}")
