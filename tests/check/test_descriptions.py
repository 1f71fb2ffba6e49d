"""The rules for descriptions in values.schema.yaml.

A description is understood without its neighbours, and states the unit or range of a number.
"""

from pathlib import Path

import pytest

from carbon.check.texts.descriptions import ALONE, UNIT, WORDS, check_descriptions

NUMBER = "{type: integer, description: '%s'}"
TEXT = "{type: string, description: '%s'}"


def write(root: Path, schema: str) -> Path:
    """Write a chart with a schema that describes the key `key`, and a fragment."""
    folder = root / "charts" / "one"
    folder.mkdir(parents=True)
    (folder / "Chart.yaml").write_text("name: one")
    (folder / "values.schema.yaml").write_text(f"properties:\n  key: {schema}\n")
    (root / "schemas").mkdir()
    fragment = "{type: [string, number], pattern: '^[0-9]+(Mi|Gi)$', description: A quantity.}"
    (root / "schemas" / "basics.yaml").write_text(f"size: {fragment}\n")
    return root


@pytest.mark.parametrize(
    ("rule", "schema"),
    [
        (ALONE, TEXT % "Its name."),
        (ALONE, TEXT % "Whether the server is on."),
        (ALONE, TEXT % "The same for the second server."),
        (ALONE, TEXT % "Name of the Secret, as above."),
        (ALONE, "{type: object, properties: {a: %s}}" % (TEXT % "This one.")),
        (ALONE, "{type: array, items: %s}" % (TEXT % "They are open.")),
        (UNIT, NUMBER % "Time until a run stops."),
        (UNIT, "{type: [string, integer], description: Size of the volume.}"),
        (UNIT, "{$ref: 'basics.yaml#/size', description: Memory of the server.}"),
        (WORDS, "{enum: [DENY, NONE, ALL], description: 'Header. DENY allows no page, NONE any.'}"),
        (UNIT, "{type: string, pattern: '^([0-9]+h)?([0-9]+m)?$', description: Age of a run.}"),
    ],
)
def test_reports_a_description_that_violates_a_rule(tmp_path: Path, rule: str, schema: str) -> None:
    (finding,) = check_descriptions(write(tmp_path, schema)).findings
    assert finding.rule == rule
    assert (finding.file, finding.line) == ("charts/one/values.schema.yaml", 2)
    assert finding.chart == "one"


@pytest.mark.parametrize(
    "schema",
    [
        TEXT % "Name of the Secret that stores its password.",
        TEXT % "Items of the list.",
        NUMBER % "Number of server pods.",
        "{enum: ['', Always, Never], description: 'Always pulls the image, Never does not.'}",
        "{enum: [READ, EDIT, USE], description: Permission of a user.}",
        NUMBER % "Seconds until a run stops.",
        NUMBER % "Priority of the class, from 1 to 100.",
        "{$ref: 'basics.yaml#/size', description: 'Memory of the server, in bytes.'}",
        "{type: object, properties: {description: {type: string, description: Text.}}}",
        "{$ref: 'basics.yaml#/size'}",
    ],
)
def test_accepts_a_description_that_follows_the_rules(tmp_path: Path, schema: str) -> None:
    assert check_descriptions(write(tmp_path, schema)).findings == []


def test_reports_a_fragment_with_its_line(tmp_path: Path) -> None:
    root = write(tmp_path, TEXT % "Name of the server.")
    (root / "schemas" / "names.yaml").write_text(
        "name:\n  type: string\n  description: Its name.\n"
    )
    (finding,) = check_descriptions(root).findings
    assert (finding.file, finding.line, finding.chart) == ("schemas/names.yaml", 3, "")
