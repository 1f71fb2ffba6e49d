"""Version numbers, causes of failed builds, and missing packages in the output of programs."""

import pytest

from carbon.externals.debian import find_absent
from carbon.externals.program_output import explain_failure, is_go_new_enough, prints_version

PROXY = "https://proxy.example/k8s.io/api/@v/v0.37.2.zip"


@pytest.mark.parametrize(
    ("output", "version"),
    [
        ("v4.3.1+g6c1e5f2", "4.3.1"),
        ("Client Version: v1.37.2\nKustomize Version: v5.8.1", "1.37.2"),
        ("etcd Version: 3.7.3\nGo OS/Arch: linux/amd64", "3.7.3"),
        ("containerd github.com/containerd/containerd/v2 v2.4.2 ", "2.4.2"),
        ("CoreDNS-1.15.0\nlinux/amd64, go1.26.8", "1.15.0"),
        ("Kubernetes v1.37.0-rc.1", "1.37.0-rc.1"),
    ],
)
def test_the_version_is_found_in_the_output(output: str, version: str) -> None:
    assert prints_version(output, version)


@pytest.mark.parametrize(
    "output", ["Client Version: v1.37.2-dispatcher", "v1.37.20", "11.37.2", "v1.37.1", ""]
)
def test_another_version_in_the_output_is_refused(output: str) -> None:
    assert not prints_version(output, "1.37.2")


def test_go_without_tool_directives_is_too_old() -> None:
    assert is_go_new_enough("go version go1.24.3 linux/amd64")
    assert is_go_new_enough("go version go2.0 linux/amd64")
    assert not is_go_new_enough("go version go1.19.8 linux/amd64")
    assert not is_go_new_enough("")


@pytest.mark.parametrize(
    ("output", "what", "remedy"),
    [
        (
            f"go: k8s.io/api@v0.37.2: reading {PROXY}: 404 Not Found",
            f"refused (404): {PROXY}",
            "GOPROXY",
        ),
        (f"x.go:1:2: reading {PROXY}: 403 Forbidden", f"refused (403): {PROXY}", "GOPROXY"),
        (f"reading {PROXY}: 502 Bad Gateway", "the module proxy failed (502)", "later"),
        ("write /x/y.a: no space left on device", "the disk is full", "Free"),
        (
            f'Get "{PROXY}": dial tcp: lookup proxy.example: no such host',
            "can't be reached",
            "network",
        ),
        ("verifying k8s.io/api@v0.37.2: checksum mismatch", "does not match its checksum", "proxy"),
        ("tls: x509: certificate signed by unknown authority", "not trusted", "ca-certificates"),
        ("compile: signal: killed", "ran out of memory", "memory"),
        ("go: updates to go.mod needed", "do not match", "go mod tidy"),
    ],
)
def test_a_failed_build_gets_a_reason_in_one_line_and_a_remedy(
    output: str, what: str, remedy: str
) -> None:
    failure = explain_failure("helm 4.3.1", f"go: something\n{output}\nmore")
    assert what in failure.what
    assert failure.what.startswith("can't build helm 4.3.1: ")
    assert "\n" not in failure.what
    assert remedy in failure.remedy


def test_an_unknown_failure_shows_the_last_line_of_go() -> None:
    failure = explain_failure("helm 4.3.1", "main.go:3:1: syntax error")
    assert "syntax error" in failure.what


def test_a_debian_package_with_only_its_configuration_counts_as_absent() -> None:
    output = "runc installed\nnftables config-files\nlibc6:amd64 installed\n"
    assert find_absent(["runc", "nftables", "libc6", "buildah"], output) == ["nftables", "buildah"]
