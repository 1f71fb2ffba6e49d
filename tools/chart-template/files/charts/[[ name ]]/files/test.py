"""Request the greeting through the Service."""

import os
import sys
import urllib.request

headers = {"Authorization": f"Bearer {os.environ['TOKEN']}"} if "TOKEN" in os.environ else {}
request = urllib.request.Request(sys.argv[1], headers=headers)
with urllib.request.urlopen(request, timeout=10) as response:
    print(f"{sys.argv[1]}: {response.read().decode()}")
