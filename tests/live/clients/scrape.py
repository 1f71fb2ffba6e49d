"""Scrape the URLs in TARGETS (a JSON map of name to URL); print the names of their metrics."""

import json
import os
import re
from urllib.request import urlopen

TYPE = re.compile(r"^# TYPE (\S+) ", re.M)
metrics = {}
for name, address in json.loads(os.environ["TARGETS"]).items():
    with urlopen(address, timeout=30) as answer:  # noqa: S310
        metrics[name] = sorted(set(TYPE.findall(answer.read().decode())))
print(json.dumps(metrics), flush=True)
