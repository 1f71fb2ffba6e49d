"""The image ray-ml-kepler on the CPU of this machine, beside a head with the image ray-ml.

No test runs on a Kepler GPU, so no test proves that PyTorch 2.0.1 runs on a K80 with a driver of
branch 470. These tests show that the image contains code for these GPUs, that it does not contain
a libcuda of its own, and that it works as a Ray worker.
"""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from carbon.home import ROOT
from carbon.images.roots import RunScript, open_roots
from carbon.images.table import read_images

HEAD, WORKER = (read_images()[name].reference for name in ("ray-ml", "ray-ml-kepler"))

SETUP = f"""
head=$($buildah from --pull-never {HEAD})
worker=$($buildah from --pull-never {WORKER})
enter() {{
  name=$1; shift
  $buildah run --isolation chroot --network host --env RAY_USAGE_STATS_ENABLED=0 \\
    --env RAY_DASHBOARD_STARTUP_TIMEOUT_S=300 --env RAY_raylet_start_wait_time_s=300 \\
    --volume {ROOT}/examples/first-model:/example:ro \\
    --volume {Path(__file__).parent}:/client:ro "$name" -- "$@"
}}
"""

TORCH = """
enter "$worker" find /home /opt /usr -name "libcuda.so*"
enter "$worker" python3 -c '
import json, numpy, torch
print(json.dumps({
    "architectures": torch._C._cuda_getArchFlags(), "cuda": torch.version.cuda,
    "array": torch.ones(1).numpy().tolist(), "tensor": torch.from_numpy(numpy.ones(1)).tolist(),
}))
'
"""

CLUSTER = """
ip address add 10.254.0.1 dev lo
ip address add 10.254.0.2 dev lo
mount -t tmpfs tmpfs /dev/shm
exec 3>&1 >&2
enter "$head" ray start --head --block --node-ip-address 10.254.0.1 --dashboard-host 10.254.0.1 \\
  --num-cpus 0 --object-store-memory 100000000 &
wait_for() {
  enter "$head" wget --output-document - --retry-connrefused --waitretry 1 --tries 300 "$1"
}
wait_for http://10.254.0.1:8265/api/version
wait_for http://10.254.0.1:52365/api/local_raylet_healthz
enter "$worker" ray start --block --node-ip-address 10.254.0.2 --address 10.254.0.1:6379 \\
  --num-cpus 1 --object-store-memory 100000000 --dashboard-agent-listen-port 52366 &
wait_for http://10.254.0.2:52366/api/local_raylet_healthz
enter "$head" ray job submit --address http://10.254.0.1:8265 --working-dir /example \\
  -- python3 /client/fit_task.py >&3
"""


@pytest.fixture(scope="module")
def run_script() -> Iterator[RunScript]:
    with open_roots([HEAD, WORKER]) as run_script:
        yield run_script


def read_json(output: str) -> dict[str, object]:
    """Return the last line of JSON of an output."""
    line: dict[str, object] = json.loads([x for x in output.splitlines() if x.startswith("{")][-1])
    return line


def test_pytorch_has_code_for_kepler_and_converts_arrays(run_script: RunScript) -> None:
    output = run_script(SETUP + TORCH, 600)
    assert "/libcuda.so" not in output, "the image contains a libcuda, which replaces the driver's"
    got = read_json(output)
    print(got)
    assert "sm_37" in str(got["architectures"]).split()
    assert got["cuda"] == "11.7"
    assert got["array"] == got["tensor"] == [1.0]


def test_a_job_of_the_head_trains_the_first_model_on_a_worker(run_script: RunScript) -> None:
    got = read_json(run_script(SETUP + CLUSTER, 900))
    print(got)
    assert got["worker"] == {"address": "10.254.0.2", "numpy": "1.26.4", "torch": "2.0.1+cu117"}
    assert got["trees"] == 30
    assert 0 < float(str(got["mae"])) < 20
    assert 20 < float(str(got["price"])) < 200
