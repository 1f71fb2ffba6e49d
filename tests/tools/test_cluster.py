"""Functions of the local cluster that need no running node.

They choose addresses and names of links, read the state file and configure supervisord.
"""

import os
import re
from configparser import RawConfigParser
from ipaddress import IPv4Network, ip_network
from pathlib import Path
from typing import Any

import pytest

from carbon import externals
from carbon.cluster import (
    addons,
    configuration,
    health,
    lifecycle,
    network,
    supervisor,
)
from carbon.cluster.layout import Addresses, Layout, layout
from carbon.cluster.state import State, read_start_time
from carbon.errors import CarbonError
from carbon.externals.table import FOLDER


def test_the_link_of_the_node_avoids_every_network_in_use() -> None:
    used = [IPv4Network("198.18.0.0/15"), IPv4Network("172.31.254.0/29")]
    assert network.find_free_link(used) == Addresses("172.31.254.9", "172.31.254.10")


def test_without_a_free_network_the_error_names_the_candidates() -> None:
    everything = [n for n in [ip_network("0.0.0.0/0")] if isinstance(n, IPv4Network)]
    with pytest.raises(CarbonError, match=r"198\.18\.254\.0/24"):
        network.find_free_link(everything)


def test_each_cache_folder_gives_the_link_another_name_of_at_most_15_characters() -> None:
    names = {Layout(Path(folder)).name for folder in ("/a", "/b")}
    assert len(names) == 2
    assert all(len(name) <= 15 for name in names)


def test_a_named_cluster_has_its_own_folder_beside_the_default_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("CARBON_CLUSTER", raising=False)
    default = layout()
    monkeypatch.setenv("CARBON_CLUSTER", "tests")
    named = layout()
    assert named.root == default.root.with_name("cluster-tests")
    assert named.name != default.name


def test_an_interrupted_deletion_leaves_no_rest_of_the_data_for_the_next_start(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("CARBON_HOME", str(tmp_path))
    monkeypatch.setattr(lifecycle, "stop", lambda: None)  # needs root
    place, unlink = layout(), os.unlink
    for name in ("etcd", "images"):
        (place.data / name).mkdir(parents=True)
        (place.data / name / "file").touch()

    def unlink_and_interrupt(*args: Any, **options: Any) -> None:
        unlink(*args, **options)
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(os, "unlink", unlink_and_interrupt)
        with pytest.raises(KeyboardInterrupt):
            lifecycle.down(delete_data=True)
    assert not place.root.exists()
    assert place.deleted.exists()
    lifecycle.down(delete_data=True)
    assert not place.deleted.exists()


@pytest.mark.parametrize("name", ["../bin", "a/b", "A", "-", "a-"])
def test_a_name_that_is_no_dns_label_is_refused(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv("CARBON_CLUSTER", name)
    with pytest.raises(CarbonError, match="not a valid name of a cluster"):
        layout()


def test_a_new_process_with_the_pid_of_the_parent_is_not_the_parent(tmp_path: Path) -> None:
    start = read_start_time(os.getpid())
    assert start is not None
    file = tmp_path / "state.json"
    State(os.getpid(), start, Addresses("a", "b")).write(file)
    stored = State.read(file)
    assert stored
    assert stored.is_alive()
    assert not State(os.getpid(), start - 1, stored.addresses).is_alive()


@pytest.mark.parametrize("text", ["", "{", "[]", '{"parent": 1}'])
def test_a_broken_state_file_means_no_node(tmp_path: Path, text: str) -> None:
    file = tmp_path / "state.json"
    file.write_text(text)
    assert State.read(file) is None


def test_the_supervisor_configuration_quotes_flags_and_orders_programs() -> None:
    place = Layout(Path("/cache/with space"))
    first = addons.NodeProgram("first", {})
    program = addons.NodeProgram(
        "tool", {"data": "/a b/100%", "on": "true"}, needs=["first"], verb="start"
    )
    chosen = [(program, Path("/bin/tool")), (first, Path("/bin/first"))]
    text = supervisor.build_configuration(place, chosen)
    ini = RawConfigParser()
    ini.read_string(text)
    section = ini["program:tool"]
    assert section["command"] == '"/bin/tool" "start" "--data=/a b/100%%" "--on=true"'
    assert (ini["program:first"]["priority"], section["priority"]) == ("1", "2")
    assert section["stdout_logfile"] == "/cache/with space/logs/tool.log"


@pytest.mark.parametrize("name", ["core", *addons.list_addons()])
def test_every_add_on_names_built_programs_and_leaves_no_placeholder(
    name: str, tmp_path: Path
) -> None:
    values = Layout(tmp_path).build_placeholders(Addresses("192.0.2.1", "192.0.2.2"))
    addon = addons.read_core(values) if name == "core" else addons.read_addon(name, values)
    built = {p for e in addon.externals for p in externals.table()[e].programs}
    assert {p.name for p in addon.programs} <= built
    known = {p.name for p in addons.read_core(values).programs}
    assert {needed for p in addon.programs for needed in p.needs} <= known
    used = str([(p.flags, p.environment) for p in addon.programs])
    assert all(f"{user}.conf" in used or user == "coredns" for user in addon.users)
    assert "$" not in used


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
