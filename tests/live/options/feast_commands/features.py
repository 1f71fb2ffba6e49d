from datetime import timedelta

import pandas as pd  # type: ignore[import-untyped]
from feast import (  # type: ignore[import-not-found]
    Entity,
    FeatureView,
    Field,
    FileSource,
    PushSource,
    RequestSource,
    StreamFeatureView,
    ValueType,
)
from feast.on_demand_feature_view import on_demand_feature_view  # type: ignore[import-not-found]
from feast.types import Float64, Int64, String  # type: ignore[import-not-found]
from helpers import double  # type: ignore[import-not-found]

zone = Entity(name="zone", value_type=ValueType.STRING)
history = FileSource(name="history", path="prices.parquet", timestamp_field="hour")
prices = FeatureView(
    name="prices",
    entities=[zone],
    ttl=timedelta(days=2),
    schema=[Field(name="zone", dtype=String), Field(name="price", dtype=Float64)],
    source=history,
)
endless = FeatureView(
    name="endless",
    entities=[zone],
    ttl=timedelta(0),
    schema=[Field(name="zone", dtype=String), Field(name="price", dtype=Float64)],
    source=history,
)


def double_prices(rows: pd.DataFrame) -> pd.DataFrame:
    return rows.assign(price=double(rows["price"]))


pushed = StreamFeatureView(
    name="pushed",
    entities=[zone],
    ttl=timedelta(days=2),
    schema=[Field(name="zone", dtype=String), Field(name="price", dtype=Float64)],
    source=PushSource(name="prices_pushed", batch_source=history),
    udf=double_prices,
    udf_string="def double_prices(rows): ...",
    mode="pandas",
)
asked = RequestSource(name="asked", schema=[Field(name="amount", dtype=Int64)])


@on_demand_feature_view(  # type: ignore[untyped-decorator]
    sources=[prices, asked], schema=[Field(name="twice", dtype=Float64)], mode="pandas"
)
def doubled(inputs: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame({"twice": double(inputs["price"])})


@on_demand_feature_view(  # type: ignore[untyped-decorator]
    sources=[prices, asked], schema=[Field(name="paid", dtype=Float64)], mode="python"
)
def paid(inputs: dict[str, list[float]]) -> dict[str, list[float]]:
    pairs = zip(inputs["price"], inputs["amount"], strict=True)
    return {"paid": [double(price) * amount for price, amount in pairs]}
