"""Serve registered versions of the model with Ray Serve, each for a share of the requests.

    python serve.py 1=100          # all requests to version 1
    python serve.py 1=80 2=20      # 20 % of the requests to version 2

A client requests GET :8000/day-ahead-price?zone=DE. The feature servers return the newest features.
"""

import os
import random
import sys

import aiohttp
import mlflow
import pandas as pd
from fastapi import FastAPI, HTTPException
from platform_clients import COLUMNS, FEATURES, MODEL
from ray import serve

ONLINE = os.environ["FEATURE_SERVER"] + "/get-online-features"
api = FastAPI()


@serve.deployment(ray_actor_options={"num_cpus": 0.1})
class Version:
    """One registered version of the model."""

    def __init__(self, version: str) -> None:
        self.model = mlflow.sklearn.load_model(f"models:/{MODEL}/{version}")

    def predict(self, features: dict[str, float]) -> float:
        """Predict the price in EUR/MWh."""
        return float(self.model.predict(pd.DataFrame([features])[COLUMNS])[0])


@serve.deployment(ray_actor_options={"num_cpus": 0.1})
@serve.ingress(api)
class Price:
    """Passes each request to a random version, weighted by the versions' shares of the requests."""

    def __init__(self, versions: dict) -> None:
        self.versions = versions

    def reconfigure(self, shares: dict[str, float]) -> None:
        """Change each version's share of the requests without a restart of the deployment."""
        self.shares = shares

    @api.get("/")
    async def price(self, zone: str) -> dict:
        """Predict the price of a zone from its newest features."""
        features = await self.read_features(zone)
        version = random.choices(list(self.shares), list(self.shares.values()))[0]  # noqa: S311
        value = await self.versions[version].predict.remote(features)
        return {"zone": zone, "price": round(value, 2), "version": version, "features": features}

    async def read_features(self, zone: str) -> dict[str, float]:
        """Return the newest features of a zone."""
        body = {"features": FEATURES, "entities": {"zone": [zone]}}
        async with aiohttp.ClientSession() as session, session.post(ONLINE, json=body) as answer:
            answer.raise_for_status()
            features = await answer.json()
        names = features["metadata"]["feature_names"]
        values = {n: r["values"][0] for n, r in zip(names, features["results"], strict=True)}
        if any(values[column] is None for column in COLUMNS):
            raise HTTPException(404, f"no features of zone {zone}")
        return {column: values[column] for column in COLUMNS}


def main() -> None:
    """Deploy the versions, or change the shares of the requests that deployed versions get."""
    shares = {v: float(share) for v, _, share in (a.partition("=") for a in sys.argv[1:])}
    if not shares:
        sys.exit(f"usage: python {sys.argv[0]} VERSION=SHARE …")
    serve.start(http_options={"host": "0.0.0.0", "port": 8000})  # noqa: S104
    versions = {v: Version.options(name=f"version-{v}").bind(v) for v in shares}
    app = Price.options(user_config=shares).bind(versions)
    serve.run(app, name=MODEL, route_prefix=f"/{MODEL}")
    print(f"{MODEL}: {shares}")


if __name__ == "__main__":
    main()
