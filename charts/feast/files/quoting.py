"""Quote secrets for feature_store.yaml, in which Feast replaces variables as plain text."""

import os


def quote_environment() -> None:
    """Set QUOTED_X for every variable SECRET_X; feature_store.yaml refers to QUOTED_X."""
    for name, value in list(os.environ.items()):
        if name.startswith("SECRET_"):
            os.environ["QUOTED_" + name.removeprefix("SECRET_")] = quote(value)


def quote(text: str) -> str:
    """Return the text as a JSON string, which YAML can read too.

    Every character with a meaning in YAML, in JSON or in the comma-separated connection string of
    Redis becomes an escape sequence, so that a password may contain any character.
    """
    plain = (c if c.isalnum() or ord(c) > 0x7E else f"\\u{ord(c):04x}" for c in text)
    return '"' + "".join(plain) + '"'
