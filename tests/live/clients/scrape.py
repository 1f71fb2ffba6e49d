"""Scrape the addresses in TARGETS, a JSON map; print the names of their metrics, as JSON."""

import json
import os
import re
from urllib.request import urlopen

TYPE = re.compile(r"^# TYPE (\S+) ", re.M)
found = {}
for name, address in json.loads(os.environ["TARGETS"]).items():
    with urlopen(address, timeout=30) as answer:  # noqa: S310
        found[name] = sorted(set(TYPE.findall(answer.read().decode())))
print(json.dumps(found), flush=True)
