"""Measure the drift of the load in the last 7 days and export it as a metric.

    python drift.py

The drift is the population stability index (PSI): it compares the shares of the values of the last
7 days with those of the days before, in the deciles of the days before. The result is the largest
index of all zones. Below 0.1 there is no drift; above 0.25, train the model again. Ray exports the
newest result as the metric ray_feature_drift with the label `feature`.
"""

import json

import numpy as np
import pandas as pd
import ray
from platform_clients import connect_database
from ray.util.metrics import Gauge

FEATURE = "load_gw"


def compute_stability_index(before: pd.Series, recent: pd.Series) -> float:
    """Return the population stability index (PSI) of two samples of one feature."""
    edges = np.quantile(before, np.linspace(0, 1, 11))
    edges[0], edges[-1] = -np.inf, np.inf
    shares = [np.histogram(s, edges)[0] / len(s) + 1e-4 for s in (before, recent)]
    return float(np.sum((shares[1] - shares[0]) * np.log(shares[1] / shares[0])))


@ray.remote(num_cpus=0)
class Drift:
    """A detached actor that exports the metric after the job has ended."""

    def __init__(self) -> None:
        self.gauge = Gauge("feature_drift", "Population stability index.", tag_keys=("feature",))

    def tell(self, feature: str, index: float) -> None:
        """Set the metric to the population stability index of a feature."""
        self.gauge.set(index, tags={"feature": feature})


def main() -> None:
    """Measure the drift of the feature in each zone; export and print the largest."""
    rows = pd.read_sql(f"SELECT zone, hour, {FEATURE} FROM load_history", connect_database())  # noqa: S608
    recent = rows["hour"] > rows["hour"].max() - pd.Timedelta(days=7)
    indices = [
        compute_stability_index(
            rows[~recent & (rows["zone"] == z)][FEATURE],
            rows[recent & (rows["zone"] == z)][FEATURE],
        )
        for z in rows["zone"].unique()
    ]
    actor = Drift.options(name="feature-drift", lifetime="detached", get_if_exists=True).remote()
    ray.get(actor.tell.remote(FEATURE, max(indices)))
    print(json.dumps({"feature": FEATURE, "drift": round(max(indices), 3)}))


if __name__ == "__main__":
    main()
