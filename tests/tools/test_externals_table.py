"""The table of external programs, read from go.mod files."""

import re

import pytest

from carbon import externals
from carbon.errors import CarbonError
from carbon.externals.table import FOLDER, find, get_built_name, read_external, read_pin, read_table

GO_MOD = """module x
go 1.26.0

tool (
	k8s.io/kubernetes/cmd/kubectl
	k8s.io/kubernetes/cmd/kubelet
)

require (
	k8s.io v9.9.9 // indirect
	k8s.io/kubernetes v1.37.2 // indirect
	k8s.io/kubernetes-more v3.0.0 // indirect
)
"""
ENTRY = {"for": "a node", "tier": "core", "ask": {"kubectl": "version --client", "*": "--version"}}


def test_the_version_is_that_of_the_module_with_the_tools() -> None:
    version, tools = read_pin(GO_MOD)
    assert version == "1.37.2"
    assert [tool.rpartition("/")[2] for tool in tools] == ["kubectl", "kubelet"]


def test_single_line_directives_are_read() -> None:
    line = "tool github.com/a/b/cmd/c\nrequire github.com/a/b v1.2.3\n"
    assert read_pin(line) == ("1.2.3", ["github.com/a/b/cmd/c"])


@pytest.mark.parametrize("go_mod", ["module x\n", "tool a.io/b\nrequire c.io/d v1.0.0\n"])
def test_a_go_mod_without_a_pinned_tool_is_refused(go_mod: str) -> None:
    with pytest.raises(ValueError, match=r"tool|requires"):
        read_pin(go_mod)


def test_a_program_name_ignores_the_major_version_in_the_path() -> None:
    assert get_built_name("go.etcd.io/etcd/server/v3") == "server"
    assert get_built_name("github.com/helm/chart-testing/v3/ct") == "ct"


def test_an_entry_sets_program_names_linker_flags_and_version_commands() -> None:
    entry = ENTRY | {
        "names": {"kubelet": "node"},
        "stamps": {"v.full": "v$version", "v.m": "$minor"},
    }
    row = read_external("k", entry, GO_MOD, "")
    assert row.programs == {"kubectl": "kubectl", "node": "kubelet"}
    assert row.ldflags() == "-s -w -X v.full=v1.37.2 -X v.m=37"
    assert row.version_arguments == {"kubectl": ("version", "--client"), "node": ("--version",)}


def test_the_hash_of_the_build_inputs_changes_with_go_sum_version_and_build_tags() -> None:
    same = read_external("k", ENTRY, GO_MOD, "sum").digest
    others = {
        read_external("k", ENTRY, GO_MOD, "another sum").digest,
        read_external("k", ENTRY, GO_MOD.replace("1.37.2", "1.37.3"), "sum").digest,
        read_external("k", ENTRY | {"tags": ["x"]}, GO_MOD, "sum").digest,
    }
    assert read_external("k", ENTRY, GO_MOD, "sum").digest == same
    assert same not in others
    assert len(others) == 3


def test_a_table_entry_is_found_by_its_name_or_by_a_program() -> None:
    rows = {"kubernetes": read_external("kubernetes", ENTRY, GO_MOD, "")}
    assert find("kubernetes", rows) is find("kubectl", rows)
    with pytest.raises(CarbonError, match="unknown external program: kubctl") as refused:
        find("kubctl", rows)
    assert "kubectl" in refused.value.remedy


def test_the_table_has_an_entry_for_every_folder_of_tools_externals() -> None:
    rows = read_table()
    assert set(rows) == {path.parent.name for path in FOLDER.glob("*/go.mod")}
    programs = [program for row in rows.values() for program in row.programs]
    assert len(programs) == len(set(programs)), "two table entries build the same program"


def test_an_environment_variable_selects_an_older_kubernetes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    usual = read_table()
    monkeypatch.setenv("CARBON_KUBERNETES", "1.36")
    older = read_table()
    assert older["kubernetes"].version.startswith("1.36.")
    assert older["kubernetes"].programs == usual["kubernetes"].programs
    assert (FOLDER / older["kubernetes"].folder / "go.sum").exists()
    assert [name for name in usual if usual[name] != older[name]] == ["kubernetes"]
    monkeypatch.setenv("CARBON_KUBERNETES", "1.2")
    with pytest.raises(CarbonError, match=r"no pin of Kubernetes 1\.2"):
        read_table()


SHARED = re.compile(r"^\s*(?:require )?((?:sigs\.)?k8s\.io/\S+|golang\.org/x/\S+) v(\S+)", re.M)
EXCLUDED = {"promtool": "Prometheus uses newer versions of modules that it shares with Kubernetes"}


def test_programs_use_the_same_versions_of_shared_modules() -> None:
    """Go compiles each version of a module once, which takes minutes on a new machine."""
    versions: dict[str, dict[str, list[str]]] = {}
    for each in externals.table().values():
        go_mod = FOLDER / each.name / "go.mod"
        required = dict(SHARED.findall(go_mod.read_text("utf-8") if go_mod.exists() else ""))
        early = each.tier in {"static", "core"} and "k8s.io/client-go" in required
        for module, version in required.items() if early and each.name not in EXCLUDED else ():
            versions.setdefault(module, {}).setdefault(version, []).append(each.name)
    assert len(versions) > 20
    differ = {module: users for module, users in versions.items() if len(users) > 1}
    assert differ == {}, "raise older versions: go get MODULE@VERSION in tools/externals/NAME"
