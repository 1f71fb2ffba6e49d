"""Functions of the local cluster that need no running node.

They configure supervisord and add-ons, and watch programs.
"""

import os
import re
from configparser import RawConfigParser
from pathlib import Path

import pytest

from carbon import externals
from carbon.cluster import (
    addons,
    configuration,
    health,
    lifecycle,
    supervisor,
)
from carbon.cluster.layout import Addresses, Layout
from carbon.errors import CarbonError
from carbon.externals.table import FOLDER


def test_the_supervisor_configuration_quotes_flags_and_orders_programs() -> None:
    place = Layout(Path("/cache/with space"))
    first = addons.NodeProgram("first", {})
    program = addons.NodeProgram(
        "tool", {"data": "/a b/100%", "on": "true"}, needs=["first"], verb="start"
    )
    chosen = [(program, [Path("/bin/tool"), Path("/helm/helm")]), (first, [Path("/bin/first")])]
    text = supervisor.build_configuration(place, chosen)
    ini = RawConfigParser()
    ini.read_string(text)
    section = ini["program:tool"]
    assert section["command"] == '"/bin/tool" "start" "--data=/a b/100%%" "--on=true"'
    assert (ini["program:first"]["priority"], section["priority"]) == ("1", "2")
    assert section["stdout_logfile"] == "/cache/with space/logs/tool.log"
    assert section["environment"].startswith('PATH="/bin:/helm:/usr/sbin')


@pytest.mark.parametrize("name", ["core", *addons.list_addons()])
def test_every_add_on_names_built_programs_and_leaves_no_placeholder(
    name: str, tmp_path: Path
) -> None:
    values = Layout(tmp_path).build_placeholders(Addresses("192.0.2.1", "192.0.2.2"))
    addon = addons.read_core(values) if name == "core" else addons.read_addon(name, values)
    built = {p for e in addon.externals for p in externals.table()[e].programs}
    assert {each for p in addon.programs for each in (p.program or p.name, *p.runs)} <= built
    known = {p.name for p in addons.read_core(values).programs}
    assert {needed for p in addon.programs for needed in p.needs} <= known
    used = str([(p.flags, p.environment, p.arguments) for p in addon.programs])
    assert all(str(Path(path)) in used for path in addon.files)
    assert all(f"{user}.conf" in used or user == "coredns" for user in addon.users)
    assert "$" not in used + str(addon.files)


PROGRAMS = [
    addons.NodeProgram("etcd", {}),
    addons.NodeProgram("kube-apiserver", {}, needs=["etcd"]),
    addons.NodeProgram("kubelet", {}, needs=["kube-apiserver", "containerd"]),
    addons.NodeProgram("containerd", {}),
]


@pytest.mark.parametrize(
    ("problems", "holders"),
    [
        (["kubelet", "kube-apiserver", "etcd"], ["etcd"]),
        (["kubelet", "kube-apiserver"], ["kube-apiserver"]),
        (["kubelet", "etcd", "containerd"], ["etcd", "containerd"]),
        ([], []),
    ],
)
def test_lists_programs_that_are_not_ready_although_all_programs_that_they_need_are(
    problems: list[str], holders: list[str]
) -> None:
    assert health.list_holders(PROGRAMS, dict.fromkeys(problems, "no answer")) == holders


def _watch(folder: Path, monkeypatch: pytest.MonkeyPatch, problems: dict[str, str]) -> health.Watch:
    """Return a Watch before any exit; `problems` has a text for each program that is not ready."""
    (folder / "node.log").write_text(
        "WARN exited: kubelet (exit status 1; not expected)\nINFO supervisord started with pid 1\n"
    )
    monkeypatch.setattr(health, "read_problems", lambda _: problems)
    monkeypatch.setattr(health, "_INTERVAL", 0)
    return health.Watch(PROGRAMS, folder)


def _exit(folder: Path, name: str, times: int) -> None:
    with (folder / "node.log").open("a") as log:
        log.write(f"WARN exited: {name} (exit status 1; not expected)\n" * times)


def test_a_program_that_exits_three_times_is_reported_with_the_end_of_its_log(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    problems = {"etcd": "BACKOFF Exited too quickly", "kube-apiserver": "no answer"}
    watch = _watch(tmp_path, monkeypatch, problems)
    (tmp_path / "etcd.log").write_text("first\n" * 9 + "write: no space left on device\n")
    _exit(tmp_path, "kube-apiserver", 9)
    _exit(tmp_path, "etcd", 2)
    assert watch.find_hopeless() == ""
    _exit(tmp_path, "etcd", 1)
    assert watch.find_hopeless() == "etcd"
    what, remedy = watch.explain("etcd")
    lines = what.splitlines()
    assert lines[0] == "etcd is not ready and exited 3 times: the disk is full"
    assert lines[1].strip() == "These programs wait for it: kube-apiserver."
    assert lines[2].strip() == "The last lines of the log of etcd:"
    assert len(lines) == 9
    assert remedy.startswith(f"Free space on the disk of {tmp_path.parent}")
    assert remedy.endswith(f"The whole log: {tmp_path}/etcd.log")


def test_exits_do_not_count_while_a_needed_program_is_not_ready(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    problems = {"etcd": "no answer", "kube-apiserver": "no answer"}
    watch = _watch(tmp_path, monkeypatch, problems)
    _exit(tmp_path, "kube-apiserver", 9)
    assert watch.find_hopeless() == ""
    del problems["etcd"]
    _exit(tmp_path, "kube-apiserver", 2)
    assert watch.find_hopeless() == ""
    _exit(tmp_path, "kube-apiserver", 1)
    assert watch.find_hopeless() == "kube-apiserver"


def test_a_program_that_hangs_is_reported_when_its_log_has_a_known_cause(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(health, "_HANG", 0)
    watch = _watch(tmp_path, monkeypatch, {"etcd": "timed out"})
    assert watch.find_hopeless() == ""
    text = "warn: failed to publish local member to cluster\ngoroutine 1 [running]:\n\tx.go:1\n"
    (tmp_path / "etcd.log").write_text(text)
    assert watch.find_hopeless() == "etcd"
    what, remedy = watch.explain("etcd")
    assert "its data are damaged" in what
    assert "goroutine" not in what
    assert "--delete-data" in remedy


def test_no_program_is_reported_when_all_are_ready(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert _watch(tmp_path, monkeypatch, {}).explain("") == ("", "")


def test_etcd_data_of_an_incomplete_first_start_are_deleted(tmp_path: Path) -> None:
    place = Layout(tmp_path)
    file = place.data / "etcd" / "member" / "wal"
    configuration.discard_incomplete_store(place)
    file.mkdir(parents=True)
    configuration.discard_incomplete_store(place)
    assert not file.exists()
    file.mkdir(parents=True)
    place.first_start.unlink()
    configuration.discard_incomplete_store(place)
    assert file.exists()


def test_coredns_has_the_plugins_of_its_corefile_and_no_others() -> None:
    imported = re.findall(r"coredns/plugin/(\w+)", (FOLDER / "coredns" / "main.go").read_text())
    corefile = (addons.CORE / "etc" / "Corefile").read_text()
    assert set(imported) == set(re.findall(r"^ {4}(\w+)", corefile, re.M))


def test_without_root_the_error_recommends_another_cluster(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    with pytest.raises(CarbonError, match="needs root") as refused:
        lifecycle.up()
    assert "--context" in refused.value.remedy
