"""Runs the first model's training task on a worker of a Ray cluster, submitted to the head.

The working directory is examples/first-model. Prints one line of JSON.
"""

import json
import runpy

import numpy as np  # type: ignore[import-not-found]
import pandas as pd  # type: ignore[import-untyped]
import ray
from data import generate_history  # type: ignore[import-not-found]
from platform_clients import COLUMNS  # type: ignore[import-not-found]


@ray.remote(num_cpus=0.25)  # type: ignore[untyped-decorator]
def describe() -> dict[str, str]:
    import torch  # type: ignore[import-not-found]

    address = ray.util.get_node_ip_address()
    return {"address": address, "numpy": np.__version__, "torch": str(torch.__version__)}


def main() -> None:
    # Under another name than __main__, the example defines the task and does not train.
    fit = runpy.run_path("train.py", run_name="example")["fit"]
    rows = generate_history(days=14, load_shift=1.0)
    recent = rows["hour"] > rows["hour"].max() - pd.Timedelta(days=7)
    train, test = ray.put(rows[~recent]), ray.put(rows[recent])
    worker, (error, trees, model) = ray.get([describe.remote(), fit.remote(30, train, test)])
    price = float(model.predict(rows[COLUMNS].head(1))[0])
    print(json.dumps({"worker": worker, "trees": trees, "mae": error, "price": price}))


if __name__ == "__main__":
    main()
