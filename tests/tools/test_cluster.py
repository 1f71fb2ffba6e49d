"""The local cluster's decisions: addresses, names, state, and the supervisor's configuration."""

import os
from configparser import RawConfigParser
from ipaddress import IPv4Network, ip_network
from pathlib import Path

import pytest

from carbon import externals
from carbon.cluster import lifecycle, network, parts, supervisor
from carbon.cluster.diagnosis import diagnosis
from carbon.cluster.layout import Addresses, Layout, State, started
from carbon.errors import CarbonError


def test_the_link_avoids_every_network_in_use() -> None:
    used = [IPv4Network("198.18.0.0/15"), IPv4Network("172.31.254.0/29")]
    assert network.free_link(used) == Addresses("172.31.254.9", "172.31.254.10")


def test_no_free_network_is_an_error_that_names_them() -> None:
    everything = [n for n in [ip_network("0.0.0.0/0")] if isinstance(n, IPv4Network)]
    with pytest.raises(CarbonError, match=r"198\.18\.254\.0/24"):
        network.free_link(everything)


def test_names_fit_a_link_and_differ_by_cache() -> None:
    names = {Layout(Path(folder)).name for folder in ("/a", "/b")}
    assert len(names) == 2
    assert all(len(name) <= 15 for name in names)


def test_a_later_process_of_the_same_number_is_not_the_parent(tmp_path: Path) -> None:
    mine = started(os.getpid())
    assert mine is not None
    file = tmp_path / "state.json"
    State(os.getpid(), mine, Addresses("a", "b")).write(file)
    kept = State.read(file)
    assert kept
    assert kept.alive()
    assert not State(os.getpid(), mine - 1, kept.addresses).alive()


@pytest.mark.parametrize("text", ["", "{", "[]", '{"parent": 1}'])
def test_a_broken_state_file_means_no_node(tmp_path: Path, text: str) -> None:
    file = tmp_path / "state.json"
    file.write_text(text)
    assert State.read(file) is None


def test_flags_reach_the_supervisor_whole() -> None:
    place = Layout(Path("/cache/with space"))
    program = parts.Program("tool", 7, {"data": "/a b/100%", "on": "true"}, verb="start")
    text = supervisor.configuration(place, [(program, Path("/bin/tool"))])
    ini = RawConfigParser()
    ini.read_string(text)
    section = ini["program:tool"]
    assert section["command"] == '"/bin/tool" "start" "--data=/a b/100%%" "--on=true"'
    assert section["priority"] == "7"
    assert section["stdout_logfile"] == "/cache/with space/logs/tool.log"


@pytest.mark.parametrize("name", ["core", *parts.addons()])
def test_every_part_is_whole(name: str, tmp_path: Path) -> None:
    facts = Layout(tmp_path).facts(Addresses("192.0.2.1", "192.0.2.2"))
    part = parts.core(facts) if name == "core" else parts.addon(name, facts)
    built = {p for e in part.externals for p in externals.table()[e].programs}
    assert {p.name for p in part.programs} <= built
    used = str([(p.flags, p.environment) for p in part.programs])
    assert all(f"{user}.conf" in used or user == "coredns" for user in part.users)
    assert "$" not in used


def test_the_program_that_keeps_ending_is_named_with_its_last_words(tmp_path: Path) -> None:
    (tmp_path / "node.log").write_text(
        "WARN exited: coredns (exit status 1; not expected)\n"
        "INFO supervisord started with pid 1\n"
        "WARN exited: etcd (exit status 2; not expected)\n"
        "WARN exited: kube-apiserver (exit status 1; not expected)\n"
        "WARN exited: etcd (terminated by SIGKILL; not expected)\n"
        "INFO exited: kubelet (exit status 0; expected)\n"
    )
    (tmp_path / "etcd.log").write_text("first\n" * 9 + "no space left on device\n")
    said = diagnosis(tmp_path).splitlines()
    assert said[0] == "etcd ended 2 times; it said last:"
    assert said[-1].strip() == "no space left on device"
    assert len(said) == 7


def test_where_nothing_ended_nothing_is_blamed(tmp_path: Path) -> None:
    assert diagnosis(tmp_path) == ""
    (tmp_path / "node.log").write_text(
        "exited: a (x; not expected)\nsupervisord started with pid\n"
    )
    assert diagnosis(tmp_path) == ""


def test_a_user_who_is_not_root_is_told_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    with pytest.raises(CarbonError, match="needs root") as refused:
        lifecycle.up()
    assert "--context" in refused.value.remedy
