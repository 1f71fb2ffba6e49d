"""`carbon diff` reads an installed release from the Secret in which Helm stores it."""

import base64

import pytest
import yaml
from tests.upgrade.installed import CONFIG, encode, make_target

from carbon.errors import CarbonError
from carbon.upgrade.difference.live import decode, read_release
from carbon.upgrade.sides import InputError


def test_a_stored_release_is_read_with_its_values_and_objects() -> None:
    stored = decode(
        encode(apply_method="ssa", hooks=[{"manifest": yaml.safe_dump({**CONFIG, "kind": "Pod"})}])
    )
    assert stored.label == "release web, revision 3 (1.2.0, deployed)"
    assert stored.values == {"text": "stored"}
    assert [body["kind"] for body in stored.objects] == ["ConfigMap", "Pod"]
    assert stored.server_side
    assert not decode(encode(apply_method="csa")).server_side


@pytest.mark.parametrize("text", ["", "x", base64.b64encode(b"e30=").decode()])
def test_a_secret_of_another_format_is_an_error(text: str) -> None:
    with pytest.raises(CarbonError, match="a Secret of Helm has an unknown format"):
        decode(text)


def test_the_newest_deployed_revision_counts() -> None:
    history = ("web", 9, "superseded"), ("web", 10, "deployed"), ("web", 11, "pending-upgrade")
    assert read_release(make_target(*history, ("other", 12, "deployed")), "web").revision == 10
    assert (
        read_release(make_target(("web", 1, "failed"), ("web", 2, "failed")), "web").revision == 2
    )


def test_a_release_that_does_not_exist_is_refused_with_the_names_of_the_others() -> None:
    with pytest.raises(InputError, match=r"no release db in namespace apps; releases: web"):
        read_release(make_target(("web", 1, "deployed")), "db")
