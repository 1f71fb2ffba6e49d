"""Environment variables: programs read those from Secrets, and each container has one CA bundle."""

from collections.abc import Iterator
from difflib import get_close_matches

from carbon.check.findings import Violation, rule
from carbon.check.render.objects import RenderedChart
from carbon.check.rules.volumes.places import Place, list_places

KNOWN = {
    *("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"),
    *("AZURE_CLIENT_SECRET", "AZURE_STORAGE_ACCESS_KEY", "AZURE_STORAGE_CONNECTION_STRING"),
    *("DATA_SOURCE_PASS", "DATA_SOURCE_URI", "DATA_SOURCE_USER", "PGPASSWORD", "PGUSER"),
    *("MLFLOW_AUTH_ADMIN_PASSWORD", "MLFLOW_AUTH_ADMIN_USERNAME", "MLFLOW_FLASK_SERVER_SECRET_KEY"),
    *("MLFLOW_TRACKING_PASSWORD", "MLFLOW_TRACKING_TOKEN", "MLFLOW_TRACKING_USERNAME"),
    *("OAUTH2_PROXY_CLIENT_ID", "OAUTH2_PROXY_CLIENT_SECRET", "OAUTH2_PROXY_COOKIE_SECRET"),
    *("RAY_AUTH_TOKEN", "REDISCLI_AUTH", "REDIS_PASSWORD", "REDIS_USER"),
    "CREDENTIALS_GENERATION",
}
"""Variables that programs and libraries read by themselves, and one whose change restarts pods."""
TRUST = {
    *("AWS_CA_BUNDLE", "CURL_CA_BUNDLE", "GIT_SSL_CAINFO", "GRPC_DEFAULT_SSL_ROOTS_FILE_PATH"),
    *("REQUESTS_CA_BUNDLE", "SSL_CERT_FILE"),
}
"""Variables with the CA certificates that programs trust; common.caBundleEnv explains each."""
SHELLS = ("sh", "bash", "/bin/sh", "/bin/bash")


@rule(
    "variables/unused",
    "Correct the name of the variable or remove it, or add it to KNOWN in volumes/variables.py.",
    house=True,
)
def check_unused(chart: RenderedChart) -> Iterator[Violation]:
    """A script of a container, or a known program, reads every variable that is from a Secret."""
    for place in list_places(chart):
        for entry in place.container.body.get("env") or []:
            name = str(entry.get("name"))
            secret = (entry.get("valueFrom") or {}).get("secretKeyRef")
            if not secret or _is_used(place, name) or chart.is_given(name):
                continue
            alike = get_close_matches(name, KNOWN, 1, 0.9)
            if alike or _runs_script(place):
                what = f": nothing reads the variable {name}"
                more = f"; write {alike[0]}" if alike else ""
                yield place.report(what + more, "env", f"name={name}", "name")


@rule("variables/trust", "Set the variables by common.caBundleEnv.", house=True)
def check_trust(chart: RenderedChart) -> Iterator[Violation]:
    """A container trusts the same CA certificates in all of its programs.

    SSL_CERT_FILE alone is enough for a container whose only program is a script in Python.
    """
    for place in list_places(chart):
        env = place.container.body.get("env") or []
        set_here = {str(e.get("name")): e.get("value") for e in env if e.get("name") in TRUST}
        if set_here.keys() - {"SSL_CERT_FILE"} and (missing := sorted(TRUST - set_here.keys())):
            name = max(set_here)
            what = f": {name} is set, and {', '.join(missing)} are not"
            yield place.report(what, "env", f"name={name}", "name")


def _is_used(place: Place, name: str) -> bool:
    """Return whether a program or a script reads a variable: by its name, or by a prefix of it.

    A script can read all variables with a prefix, and pass each to a program without the prefix.
    """
    if name in KNOWN or name in place.words:
        return True
    prefixes = [word for word in place.words if word.endswith("_") and name.startswith(word)]
    rests = [name.removeprefix(prefix) for prefix in prefixes]
    return any(
        rest in KNOWN or any(word.endswith(f"_{rest}") for word in place.words) for rest in rests
    )


def _runs_script(place: Place) -> bool:
    """Return whether the command of a container is a shell's, or names a mounted script."""
    first = (place.container.body.get("command") or [""])[0]
    return first in SHELLS or any(
        read.source.is_command and read.path in place.scripts for read in place.reads
    )
