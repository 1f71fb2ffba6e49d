"""yamllint: checks the style of rendered YAML."""

from collections.abc import Mapping

from carbon.check.findings import declare

KEYS = declare(
    "yaml/keys",
    "Rendered YAML sets no key twice.",
    "Set the key once.",
)
TIDY = declare(
    "yaml/tidy",
    "Rendered YAML is indented consistently, and every alias has an anchor.",
    "Indent the line as the lines around it, or add the anchor of the alias.",
    house=True,
)
RULES = """
rules:
  key-duplicates: enable
  anchors: enable
  indentation: {spaces: consistent, indent-sequences: whatever, check-multi-line-strings: false}
"""


def get_rule(message: str) -> str:
    """Return the rule that a message of yamllint is about."""
    return KEYS if "duplication" in message else TIDY


def lint(texts: Mapping[str, str]) -> dict[str, list[tuple[int, str]]]:
    """Return yamllint's messages, each with its line, by the digest of the text."""
    from yamllint import linter
    from yamllint.config import YamlLintConfig

    rules = YamlLintConfig(RULES)
    # `linter.run` would read each text a second time for errors of syntax: helm-many finds these.
    return {
        digest: [(each.line, each.desc) for each in linter.get_cosmetic_problems(text, rules, None)]
        for digest, text in texts.items()
    }
