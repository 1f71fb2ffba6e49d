"""Train models of the price on Ray, log the best to MLflow, register it as the next version.

    python train.py [--trees 30 100]

The last 7 days are held back to measure by. Prints a line of JSON: version, mean absolute error.
"""

import argparse
import json

import mlflow
import pandas as pd
import ray
from platform_clients import COLUMNS, FEATURES, MODEL, database, store
from sklearn.ensemble import GradientBoostingRegressor
from sklearn.metrics import mean_absolute_error


def dataset() -> pd.DataFrame:
    """Prices with the features that were known at their hour."""
    prices = pd.read_sql(
        "SELECT zone, hour AS event_timestamp, price FROM price_history", database()
    )
    joined = store().get_historical_features(entity_df=prices, features=FEATURES).to_df()
    return joined.dropna().sort_values("event_timestamp")


@ray.remote(num_cpus=0.25)
def fit(trees: int, train: pd.DataFrame, held_back: pd.DataFrame):
    """A model with that many trees, and its mean absolute error in EUR/MWh."""
    model = GradientBoostingRegressor(n_estimators=trees, random_state=254)
    model.fit(train[COLUMNS], train["price"])
    return mean_absolute_error(held_back["price"], model.predict(held_back[COLUMNS])), trees, model


def main() -> None:
    """Fit each number of trees as a task, keep the best."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--trees", type=int, nargs="+", default=[30, 100])
    given = parser.parse_args()
    rows = dataset()
    recent = rows["event_timestamp"] > rows["event_timestamp"].max() - pd.Timedelta(days=7)
    train, held_back = ray.put(rows[~recent]), ray.put(rows[recent])
    tried = ray.get([fit.remote(trees, train, held_back) for trees in given.trees])
    error, trees, model = min(tried, key=lambda one: one[0])

    mlflow.set_experiment(MODEL)
    with mlflow.start_run() as run:
        mlflow.log_params({"trees": trees, "features": ",".join(FEATURES)})
        mlflow.log_metric("mae_eur_per_mwh", error)
        logged = mlflow.sklearn.log_model(
            model,
            name="model",
            input_example=rows[COLUMNS].head(2),
            serialization_format="cloudpickle",
            pip_requirements=["scikit-learn", "cloudpickle"],
            registered_model_name=MODEL,
        )
    version = str(logged.registered_model_version)
    print(json.dumps({"version": version, "run": run.info.run_id, "mae": round(error, 3)}))


if __name__ == "__main__":
    main()
