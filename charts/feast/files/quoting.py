"""Quote secrets for feature_store.yaml, in which Feast replaces variables as plain text."""

import os


def environment() -> None:
    """Give every variable SECRET_X a twin QUOTED_X, which the file may name."""
    for name, value in list(os.environ.items()):
        if name.startswith("SECRET_"):
            os.environ["QUOTED_" + name.removeprefix("SECRET_")] = quoted(value)


def quoted(text: str) -> str:
    """The text as a string of JSON, which YAML reads too.

    All that YAML, JSON or the comma-separated address of Redis could take for its own is written
    as an escape, so that a password may hold anything.
    """
    plain = (c if c.isalnum() or ord(c) > 0x7E else f"\\u{ord(c):04x}" for c in text)
    return '"' + "".join(plain) + '"'
