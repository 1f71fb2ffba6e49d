"""Serve registered versions of the model with Ray Serve, each with its share of the requests.

    python serve.py 1=100          # all to version 1
    python serve.py 1=80 2=20      # a fifth to version 2

Then: GET :8000/day-ahead-price?zone=DE. Features are the newest of the feature servers.
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
    """One registered version."""

    def __init__(self, version: str) -> None:
        self.model = mlflow.sklearn.load_model(f"models:/{MODEL}/{version}")

    def predict(self, features: dict[str, float]) -> float:
        """The price in EUR/MWh."""
        return float(self.model.predict(pd.DataFrame([features])[COLUMNS])[0])


@serve.deployment(ray_actor_options={"num_cpus": 0.1})
@serve.ingress(api)
class Price:
    """Sends each request to one of the versions, by their shares."""

    def __init__(self, versions: dict) -> None:
        self.versions = versions

    def reconfigure(self, shares: dict[str, float]) -> None:
        """Take new shares without a restart."""
        self.shares = shares

    @api.get("/")
    async def price(self, zone: str) -> dict:
        """The price of the zone's newest hour."""
        features = await self.features(zone)
        version = random.choices(list(self.shares), list(self.shares.values()))[0]  # noqa: S311
        value = await self.versions[version].predict.remote(features)
        return {"zone": zone, "price": round(value, 2), "version": version, "features": features}

    async def features(self, zone: str) -> dict[str, float]:
        """The newest features of a zone."""
        asked = {"features": FEATURES, "entities": {"zone": [zone]}}
        async with aiohttp.ClientSession() as session, session.post(ONLINE, json=asked) as answer:
            answer.raise_for_status()
            found = await answer.json()
        names = found["metadata"]["feature_names"]
        values = {n: r["values"][0] for n, r in zip(names, found["results"], strict=True)}
        if any(values[column] is None for column in COLUMNS):
            raise HTTPException(404, f"no features of zone {zone}")
        return {column: values[column] for column in COLUMNS}


def main() -> None:
    """Deploy, or shift the shares of what is deployed."""
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
