"""Runs checkov's Kubernetes rules over the files in a folder.

Standard input has the path of the folder. The script starts before the folder exists, since
checkov takes seconds to load. It runs under checkov's own Python and prints a JSON list of
[stem of the file, rule, title of the rule], one for each violation.
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
    """Wait for the path of the folder, then scan it."""
    folder = sys.stdin.readline().strip()
    if not folder:
        return
    chosen = RunnerFilter(framework=["kubernetes"])
    report = Runner().run(root_folder=folder, runner_filter=chosen)
    found = [
        (Path(failed.file_path).stem, failed.check_id, failed.check_name)
        for failed in report.failed_checks
        if failed.check_id.startswith("CKV_")  # CKV2 rules need several objects; each file has one
    ]
    print(json.dumps(found))


if __name__ == "__main__":
    main()
