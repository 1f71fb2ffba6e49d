{{- /*
A pod waits for a real condition in an init container, never for a time or an order.
  common.waitContainer  a container named wait-for-`for` that runs `command` until it succeeds;
                        `env` and `mounts` are YAML lists
  common.waitingModule  the Python module `waiting`, for such commands: it asks again and again,
                        and says in one line what is missing whenever that changes
*/}}
{{- define "common.waitContainer" }}
  {{- include "common.need" (list "common.waitContainer" . "ctx" "for" "image" "resources" "command" "env" "mounts") -}}
- name: wait-for-{{ .for }}
  {{- include "common.container" . | nindent 2 }}
  command:
    {{- toYaml .command | nindent 4 }}
  env:
    {{- .env | nindent 4 }}
  volumeMounts:
    {{- .mounts | nindent 4 }}
{{- end }}

{{- define "common.waitingModule" -}}
"""Wait for a condition and say what is missing."""

import time
from collections.abc import Callable


def until(subject: str, check: Callable[[], str]) -> None:
    """Return once ``check`` returns ""; until then print its answer whenever it changes."""
    said = ""
    while problem := check():
        if problem != said:
            print(f"waiting for {subject}: {problem}", flush=True)
            said = problem
        time.sleep(2)
    print(f"{subject}: there", flush=True)
{{- end }}
