"""Accounts and their tokens: one of one's own, mounted only where it is needed."""

from collections.abc import Iterator

from carbon.check.drawn import Drawn
from carbon.check.findings import Fault, rule


@rule("tokens/account", "Name a ServiceAccount of the component (common.podSpec).", house=True)
def account(drawn: Drawn) -> Iterator[Fault]:
    """Every pod runs under an account other than `default`."""
    for thing, pod in drawn.pods():
        if pod["spec"].get("serviceAccountName", "default") == "default":
            yield Fault(thing, ("spec",), f"{thing.identity} runs under the account default")


@rule("tokens/mounted", "Set automountServiceAccountToken: false, or true on purpose.", house=True)
def mounted(drawn: Drawn) -> Iterator[Fault]:
    """Every pod says whether it gets a token."""
    for thing, pod in drawn.pods():
        if "automountServiceAccountToken" not in pod["spec"]:
            yield Fault(thing, ("spec",), f"{thing.identity} does not say whether it gets a token")


@rule("tokens/by-account", "Set automountServiceAccountToken: false on the account.", house=True)
def by_account(drawn: Drawn) -> Iterator[Fault]:
    """No account hands its token to every pod that names it."""
    for thing in drawn.of_kind("ServiceAccount"):
        if thing.body.get("automountServiceAccountToken") is not False:
            wrong = f"{thing.identity} gives its token to every pod"
            yield Fault(thing, ("automountServiceAccountToken",), wrong)


@rule("tokens/service-links", "Set enableServiceLinks: false.", house=True)
def service_links(drawn: Drawn) -> Iterator[Fault]:
    """No pod's environment lists the Services of the namespace (one called x sets X_PORT)."""
    for thing, pod in drawn.pods():
        if pod["spec"].get("enableServiceLinks") is not False:
            wrong = f"{thing.identity}: its environment lists all Services"
            yield Fault(thing, ("enableServiceLinks",), wrong)
