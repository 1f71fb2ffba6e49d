"""The script by which Feast's pods quote passwords for feature_store.yaml."""

import runpy
import string

import pytest
import yaml

from carbon.home import ROOT

QUOTE = runpy.run_path(str(ROOT / "charts/feast/files/quoting.py"))["quote"]


@pytest.mark.parametrize("character", [*string.printable, "\0", "é", "€"])
def test_a_quoted_password_is_the_same_password_in_yaml(character: str) -> None:
    assert yaml.safe_load(QUOTE(f"a{character}b")) == f"a{character}b"


def test_a_quoted_password_has_no_character_with_a_meaning_in_connection_strings() -> None:
    quoted = QUOTE(string.punctuation)[1:-1]
    assert not set(quoted) - {"\\", *string.ascii_letters, *string.digits}
