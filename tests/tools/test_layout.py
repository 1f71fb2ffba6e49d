"""Files and names of the local cluster: links, clusters, state files and the deletion of data."""

import os
from ipaddress import IPv4Network, ip_network
from pathlib import Path
from typing import Any

import pytest

from carbon.cluster import lifecycle, network
from carbon.cluster.layout import Addresses, Layout, layout
from carbon.cluster.state import State, read_start_time
from carbon.errors import CarbonError


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
