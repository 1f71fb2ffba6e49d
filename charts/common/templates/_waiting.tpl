{{- /*
Init containers in which a pod waits for a condition. None waits for a fixed time or relies on the order in which
objects are created.
*/}}

{{- /*
common.sidecars renders `values.extraSidecars` as a YAML list of init containers, or nothing. The kubelet starts them
before the init containers that follow and stops them after the other containers, in the pods of Jobs too
(restartPolicy Always, KEP-753). Takes `values`, and fails without it.
*/}}
{{- define "common.sidecars" }}
  {{- include "common.need" (list "common.sidecars" . "values") }}
  {{- $sidecars := list }}
  {{- range .values.extraSidecars }}
    {{- $sidecars = append $sidecars (merge (dict "restartPolicy" "Always") .) }}
  {{- end }}
  {{- if $sidecars }}
    {{- toYaml $sidecars }}
  {{- end }}
{{- end }}

{{- /*
common.waitContainer renders an init container wait-for-NAME that runs a command which waits for a condition. The
command itself must wait: the container does not repeat it. Takes `ctx`, `for` (the NAME), `image`, `resources`, the
`command`, a list, and `env` and `mounts`, rendered YAML lists. Fails if one of these parameters is missing.
*/}}
{{- define "common.waitContainer" }}
  {{- $keys := list "ctx" "for" "image" "resources" "command" "env" "mounts" }}
  {{- include "common.need" (concat (list "common.waitContainer" .) $keys) -}}
- name: wait-for-{{ .for }}
  {{- include "common.container" . | nindent 2 }}
  command:
    {{- toYaml .command | nindent 4 }}
  env:
    {{- .env | nindent 4 }}
  volumeMounts:
    {{- .mounts | nindent 4 }}
{{- end }}

{{- /*
common.waitScript renders common.waitContainer for a chart with one image, after extraSidecars: it runs
/scripts/wait.py with the conditions in `for`, a list. Takes `ctx`, `for`, `env` and `mounts`, reads .Values.image
and .Values.waiting.resources, and fails if a parameter is missing.
*/}}
{{- define "common.waitScript" }}
  {{- include "common.need" (list "common.waitScript" . "ctx" "for" "env" "mounts") }}
  {{- with include "common.sidecars" (dict "values" .ctx.Values) }}
    {{- . }}{{ "\n" }}
  {{- end }}
  {{- include "common.waitContainer" (merge (dict
        "for" (join "-and-" .for)
        "image" .ctx.Values.image
        "resources" .ctx.Values.waiting.resources
        "command" (concat (list "python" "/scripts/wait.py") .for)) .) }}
{{- end }}

{{- /*
common.waitingModule renders the Python module `waiting`, for scripts that wait: it checks a
condition every two seconds, and prints what is missing whenever the missing condition changes. Takes no
parameters and does not fail.
*/}}
{{- define "common.waitingModule" -}}
"""Wait until conditions hold, and print what they lack."""

import sys
import time
from collections.abc import Callable


def until(subject: str, check: Callable[[], str]) -> None:
    """Return once ``check`` returns ""; until then print its result whenever that changes."""
    printed = ""
    while problem := check():
        if problem != printed:
            print(f"waiting for {subject}: {problem}", flush=True)
            printed = problem
        time.sleep(2)
    print(f"{subject}: ready", flush=True)


def until_named(checks: dict[str, Callable[[], str]]) -> None:
    """Wait for each condition that the command line names, one after the other."""
    for name in sys.argv[1:]:
        until(name, checks[name])


def format_error(error: Exception) -> str:
    """Return the message of an error as one line, or its type if there is no message."""
    return " ".join(str(error).split()) or type(error).__name__
{{- end }}
