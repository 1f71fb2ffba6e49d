"""Runs checkov's rules for Kubernetes over the files of a folder that is named on standard input.

It runs under checkov's own Python and starts before the folder is there: loading takes seconds.
Prints a JSON list of [file's stem, rule, what the rule asks for].
"""

import json
import logging
import os
import sys
from pathlib import Path

os.environ["LOG_LEVEL"] = "ERROR"
logging.disable(logging.CRITICAL)

from checkov.kubernetes.runner import Runner  # noqa: E402
from checkov.runner_filter import RunnerFilter  # noqa: E402


def main() -> None:
    """Wait for the folder's name, then scan it."""
    folder = sys.stdin.readline().strip()
    if not folder:
        return
    chosen = RunnerFilter(framework=["kubernetes"])
    report = Runner().run(root_folder=folder, runner_filter=chosen)
    found = [
        (Path(failed.file_path).stem, failed.check_id, failed.check_name)
        for failed in report.failed_checks
        if failed.check_id.startswith("CKV_")  # CKV2 looks across objects; one at a time is here
    ]
    print(json.dumps(found))


if __name__ == "__main__":
    main()
