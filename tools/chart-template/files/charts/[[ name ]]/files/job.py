"""Look up the IP addresses of the hosts in settings.json, and print them."""

import json
import socket
import sys
from pathlib import Path

for host in json.loads(Path(__file__).with_name("settings.json").read_text())["hosts"]:
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except OSError as error:
        sys.exit(f"{host}: {error}")
    print(f"{host}: {', '.join(sorted({address[0] for *_, address in found}))}")
