"""yamllint: checks the style of rendered YAML."""

from collections.abc import Mapping

from carbon.check.findings import declare

TIDY = declare(
    "yaml/tidy",
    "Rendered YAML is tidy, and no key is set twice.",
    "Set the key once, and indent the line as the lines around it.",
)
RULES = """
rules:
  key-duplicates: enable
  anchors: enable
  indentation: {spaces: consistent, indent-sequences: whatever, check-multi-line-strings: false}
"""


def lint(texts: Mapping[str, str]) -> dict[str, list[tuple[int, str]]]:
    """Return yamllint's messages, each with its line, by the digest of the text."""
    from yamllint import linter
    from yamllint.config import YamlLintConfig

    rules = YamlLintConfig(RULES)
    return {
        digest: [(each.line, each.desc) for each in linter.run(text, rules)]
        for digest, text in texts.items()
    }
