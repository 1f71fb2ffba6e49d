"""Push one value to a feature server until a read returns the value.

Environment: HOST, SOURCE (a push source), KEY, ID, COLUMN, TIME (a column), VALUE, FEATURE.
"""

import os
import time
from datetime import UTC, datetime

import requests

HOST, KEY, ID = os.environ["HOST"], os.environ["KEY"], os.environ["ID"]
URL = f"http://{HOST}:6566"
VALUE = float(os.environ["VALUE"])
row = {
    KEY: [ID],
    os.environ["COLUMN"]: [VALUE],
    os.environ["TIME"]: [datetime.now(tz=UTC).isoformat()],
}
body = {"push_source_name": os.environ["SOURCE"], "df": row, "to": "online"}
read = {"features": [os.environ["FEATURE"]], "entities": {KEY: [ID]}}
deadline = time.monotonic() + 120
while True:
    pushed = requests.post(f"{URL}/push", json=body, timeout=30)
    got = requests.post(f"{URL}/get-online-features", json=read, timeout=30)
    if pushed.ok and got.ok and got.json()["results"][-1]["values"] == [VALUE]:
        break
    # A server knows a new feature view after it has refreshed its registry.
    assert time.monotonic() < deadline, f"{pushed.text} {got.text}"
    time.sleep(1)
print("pushed and read")
