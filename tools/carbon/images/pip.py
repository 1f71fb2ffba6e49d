"""Reads this machine's pip settings for its package index, and writes them for a build."""

import configparser
import os
from collections.abc import Iterable, Mapping
from pathlib import Path

_KEYS = ("index-url", "extra-index-url", "trusted-host", "proxy", "timeout", "cert")
_BUNDLES = ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")


def read_settings(configs: Iterable[str], environment: Mapping[str, str]) -> dict[str, str]:
    """Return the settings with which pip reaches and trusts its index.

    `configs` are the texts of pip's configuration files: a later one overrides an earlier one, and
    the environment overrides all. `cert` is a path on this machine.
    """
    found: dict[str, str] = {}
    for text in configs:
        config = configparser.RawConfigParser()
        try:
            config.read_string(text)
        except configparser.Error:
            continue  # pip itself reports the error
        for section in ("global", "install"):
            if config.has_section(section):
                found |= {key: config[section][key] for key in _KEYS if key in config[section]}
    for key in _KEYS:
        value = environment.get(f"PIP_{key.upper().replace('-', '_')}")
        if value:
            found[key] = value
    bundle = next((environment[name] for name in _BUNDLES if environment.get(name)), "")
    if "cert" not in found and bundle:
        found["cert"] = bundle
    return found


def write_config(folder: Path, inside: str) -> None:
    """Write pip.conf and its CA certificates to `folder`, which a build mounts at `inside`."""
    found = read_settings(_read_configs(), os.environ)
    bundle = Path(found.pop("cert", ""))
    if bundle.is_file():
        (folder / "ca.crt").write_bytes(bundle.read_bytes())
        found["cert"] = f"{inside}/ca.crt"
    found["cache-dir"] = f"{inside}/pip-cache"
    lines = ["[global]", *(f"{key} = {_indent(value)}" for key, value in found.items()), ""]
    (folder / "pip.conf").write_text("\n".join(lines), encoding="utf-8")


def _read_configs() -> list[str]:
    user = Path.home()
    named = os.environ.get("PIP_CONFIG_FILE")
    places = [Path("/etc/xdg/pip/pip.conf"), Path("/etc/pip.conf"), user / ".pip/pip.conf"]
    places += [user / ".config/pip/pip.conf", *([Path(named)] if named else [])]
    return [place.read_text(encoding="utf-8") for place in places if place.is_file()]


def _indent(value: str) -> str:
    return "\n  ".join(value.split("\n"))
