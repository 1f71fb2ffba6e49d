"""Functions of the local cluster that need no running node.

They choose addresses and names of links, read the state file and configure supervisord.
"""

import os
from configparser import RawConfigParser
from ipaddress import IPv4Network, ip_network
from pathlib import Path

import pytest

from carbon import externals
from carbon.cluster import addons, lifecycle, network, supervisor
from carbon.cluster.layout import Addresses, Layout
from carbon.cluster.readiness import diagnose
from carbon.cluster.state import State, read_start_time
from carbon.errors import CarbonError


def test_the_link_avoids_every_network_in_use() -> None:
    used = [IPv4Network("198.18.0.0/15"), IPv4Network("172.31.254.0/29")]
    assert network.find_free_link(used) == Addresses("172.31.254.9", "172.31.254.10")


def test_without_a_free_network_the_error_names_all_candidates() -> None:
    everything = [n for n in [ip_network("0.0.0.0/0")] if isinstance(n, IPv4Network)]
    with pytest.raises(CarbonError, match=r"198\.18\.254\.0/24"):
        network.find_free_link(everything)


def test_link_names_are_short_and_differ_between_caches() -> None:
    names = {Layout(Path(folder)).name for folder in ("/a", "/b")}
    assert len(names) == 2
    assert all(len(name) <= 15 for name in names)


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


def test_the_supervisor_configuration_quotes_flags() -> None:
    place = Layout(Path("/cache/with space"))
    program = addons.NodeProgram("tool", 7, {"data": "/a b/100%", "on": "true"}, verb="start")
    text = supervisor.build_configuration(place, [(program, Path("/bin/tool"))])
    ini = RawConfigParser()
    ini.read_string(text)
    section = ini["program:tool"]
    assert section["command"] == '"/bin/tool" "start" "--data=/a b/100%%" "--on=true"'
    assert section["priority"] == "7"
    assert section["stdout_logfile"] == "/cache/with space/logs/tool.log"


@pytest.mark.parametrize("name", ["core", *addons.list_addons()])
def test_every_add_on_is_complete(name: str, tmp_path: Path) -> None:
    values = Layout(tmp_path).build_placeholders(Addresses("192.0.2.1", "192.0.2.2"))
    addon = addons.read_core(values) if name == "core" else addons.read_addon(name, values)
    built = {p for e in addon.externals for p in externals.table()[e].programs}
    assert {p.name for p in addon.programs} <= built
    used = str([(p.flags, p.environment) for p in addon.programs])
    assert all(f"{user}.conf" in used or user == "coredns" for user in addon.users)
    assert "$" not in used


def test_the_program_that_exits_most_often_is_named_with_the_end_of_its_log(tmp_path: Path) -> None:
    (tmp_path / "node.log").write_text(
        "WARN exited: coredns (exit status 1; not expected)\n"
        "INFO supervisord started with pid 1\n"
        "WARN exited: etcd (exit status 2; not expected)\n"
        "WARN exited: kube-apiserver (exit status 1; not expected)\n"
        "WARN exited: etcd (terminated by SIGKILL; not expected)\n"
        "INFO exited: kubelet (exit status 0; expected)\n"
    )
    (tmp_path / "etcd.log").write_text("first\n" * 9 + "no space left on device\n")
    lines = diagnose(tmp_path).splitlines()
    assert lines[0] == "etcd exited 2 times; the last lines of its log:"
    assert lines[-1].strip() == "no space left on device"
    assert len(lines) == 7


def test_no_program_is_named_when_none_exited(tmp_path: Path) -> None:
    assert diagnose(tmp_path) == ""
    (tmp_path / "node.log").write_text(
        "exited: a (x; not expected)\nsupervisord started with pid\n"
    )
    assert diagnose(tmp_path) == ""


def test_without_root_the_error_recommends_another_cluster(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    with pytest.raises(CarbonError, match="needs root") as refused:
        lifecycle.up()
    assert "--context" in refused.value.remedy
