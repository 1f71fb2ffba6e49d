"""Train models of the price on Ray, log the best model to MLflow and register it.

    python train.py [--trees 30 100]

The last 7 days are the test set. Prints one line of JSON: version, run, mean absolute error.
"""

import argparse
import json

import mlflow
import pandas as pd
import ray
from platform_clients import COLUMNS, FEATURES, MODEL, connect_database, connect_store
from sklearn.ensemble import GradientBoostingRegressor
from sklearn.metrics import mean_absolute_error


def load_dataset() -> pd.DataFrame:
    """Return the prices, each with the features that were valid at its hour."""
    prices = pd.read_sql(
        "SELECT zone, hour AS event_timestamp, price FROM price_history", connect_database()
    )
    joined = connect_store().get_historical_features(entity_df=prices, features=FEATURES).to_df()
    return joined.dropna().sort_values("event_timestamp")


@ray.remote(num_cpus=0.25)
def fit(trees: int, train: pd.DataFrame, test: pd.DataFrame):
    """Fit a model; return its mean absolute error in EUR/MWh, number of trees, and the model."""
    model = GradientBoostingRegressor(n_estimators=trees, random_state=254)
    model.fit(train[COLUMNS], train["price"])
    return mean_absolute_error(test["price"], model.predict(test[COLUMNS])), trees, model


def main() -> None:
    """Fit a model for each number of trees as a Ray task; log and register the best model."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--trees", type=int, nargs="+", default=[30, 100])
    options = parser.parse_args()
    rows = load_dataset()
    recent = rows["event_timestamp"] > rows["event_timestamp"].max() - pd.Timedelta(days=7)
    train, test = ray.put(rows[~recent]), ray.put(rows[recent])
    results = ray.get([fit.remote(trees, train, test) for trees in options.trees])
    error, trees, model = min(results, key=lambda result: result[0])

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
