"""Settings of a server whose defaults refuse clients without a certificate."""

from collections.abc import Iterator

from carbon.check.findings import Violation, rule
from carbon.check.render.objects import RenderedChart

_NEEDED = {"tls-port": ("tls-auth-clients", "Redis and Valkey require certificates of clients")}
"""A setting that enables TLS -> the setting that must be set too, and what its default does.

Sources: redis.conf of Redis 7.0 and valkey.conf of Valkey 8.1, section TLS/SSL.
"""


@rule("servers/certificates", "Write the missing setting: tls-auth-clients no, optional or yes.")
def check_certificates(chart: RenderedChart) -> Iterator[Violation]:
    """The configuration of a TLS server states whether clients need a certificate."""
    for obj in chart.of_kind("ConfigMap"):
        for key, text in (obj.body.get("data") or {}).items():
            settings = [line.split(maxsplit=1) for line in str(text).splitlines() if line.strip()]
            values = {words[0]: words[-1] for words in settings}
            for enabled, (needed, default) in _NEEDED.items():
                if values.get(enabled, "0") != "0" and needed not in values:
                    wrong = f"{key} sets {enabled} without {needed}: by default, {default}"
                    at = f"{enabled} {values[enabled]}"
                    quote = (str(text), at)
                    yield Violation(obj, ("data", key), f"{obj.identity}: {wrong}", quote=quote)
