"""The address from which Argo CD gets the charts: a Git repository or an OCI package."""

import re
from dataclasses import dataclass

from semver import Version

from carbon.errors import CarbonError

OCI = "oci://"
_GIT = re.compile(r"(https?|ssh|git|file)://[^\s/]*/\S+|[\w.-]+@[\w.-]+:\S+")
_PASSWORD = re.compile(r"\w+://[^/@\s]*:[^/@\s]*@")
_REVISION = re.compile(r"[\w.][\w./+-]*")


@dataclass(frozen=True)
class Source:
    """A Git repository at a revision, or an OCI package in a version."""

    url: str
    revision: str
    """A branch, tag or commit; the version of an OCI package."""

    @property
    def is_oci(self) -> bool:
        """True if the source is an OCI package."""
        return self.url.startswith(OCI)


def parse_source(url: str, revision: str) -> Source:
    """Return the source of an address and a revision.

    Raises:
        CarbonError: the address is neither of Git nor of OCI, contains a password, or the revision
            is not one of Git or a version of a package.
    """
    if _PASSWORD.match(url):
        raise CarbonError(
            "the address of the charts contains a password",
            "Write the address without user and password, and add a Secret with the label "
            "argocd.argoproj.io/secret-type: repository to Argo CD.",
        )
    if url.startswith(OCI):
        if not Version.is_valid(revision):
            raise CarbonError(
                f"{revision} is not a version of the package {url}",
                "Write a version such as 0.2.0.",
            )
        if not re.fullmatch(r"oci://[^\s/:]+(:\d+)?(/[\w.-]+)+", url):
            raise CarbonError(
                f"{url} is not the address of a package",
                "Write oci://REGISTRY/PATH/254carbon, with the version in --revision.",
            )
        return Source(url, revision)
    if not _GIT.fullmatch(url):
        raise CarbonError(
            f"{url} is neither a Git repository nor an OCI package",
            "Write an address such as https://github.com/254carbon/charts or "
            "oci://REGISTRY/charts/254carbon.",
        )
    if not _REVISION.fullmatch(revision):
        raise CarbonError(
            f"{revision or 'an empty text'} is not a revision of Git",
            "Write a branch, a tag or a commit.",
        )
    return Source(url, revision)
