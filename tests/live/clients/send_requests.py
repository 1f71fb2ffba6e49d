"""Send GET requests, one after the other, for some time.

Environment: URL, SECONDS. After each second the output has a line of JSON: the number of responses,
and the errors of failed requests.
"""

import json
import os
import time
import urllib.request

answered = 0
failed: list[str] = []
deadline = time.monotonic() + float(os.environ["SECONDS"])
printed = 0.0
while time.monotonic() < deadline:
    try:
        with urllib.request.urlopen(os.environ["URL"], timeout=10) as response:  # noqa: S310 - http
            response.read()
        answered += 1
    except OSError as error:
        failed.append(f"{type(error).__name__}: {error}"[:200])
    if time.monotonic() - printed > 1:
        printed = time.monotonic()
        print(json.dumps({"answered": answered, "failed": failed}), flush=True)
    time.sleep(0.02)
