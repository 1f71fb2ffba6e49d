"""Send requests to an application of Ray Serve; print the counts and the longest outage as JSON.

Environment: URL, SECONDS; a file /tmp/stop ends the time early. A request without an answer after
2 seconds has failed.
"""

import json
import os
import time
import urllib.request
from pathlib import Path

STOP = Path("/tmp/stop")  # noqa: S108
end = time.monotonic() + float(os.environ["SECONDS"])
answered = failed = 0
longest = since = 0.0
while (now := time.monotonic()) < end and not STOP.exists():
    try:
        urllib.request.urlopen(os.environ["URL"], timeout=2).read()  # noqa: S310
    except OSError:
        failed += 1
        since = since or now
    else:
        answered += 1
        longest = max(longest, time.monotonic() - since) if since else longest
        since = 0.0
        if answered == 1:
            print("answered", flush=True)
    time.sleep(0.1)
longest = max(longest, time.monotonic() - since) if since else longest
print(json.dumps({"answered": answered, "failed": failed, "longest_gap_s": round(longest, 1)}))
