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
from typing import Any

import yaml

os.environ["LOG_LEVEL"] = "ERROR"
logging.disable(logging.CRITICAL)

from checkov.common.util.consts import END_LINE, START_LINE  # noqa: E402
from checkov.kubernetes.parser import k8_json  # noqa: E402
from checkov.kubernetes.runner import Runner  # noqa: E402
from checkov.runner_filter import RunnerFilter  # noqa: E402


class _Loader(yaml.CSafeLoader):
    """Reads a file as checkov's own loader does, but with libyaml, which is faster."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        found = super().construct_mapping(node, deep=deep)
        lines = {START_LINE: node.start_mark.line + 1, END_LINE: node.end_mark.line + 1}
        return found | lines


def main() -> None:
    """Wait for the path of the folder, then scan it."""
    folder = sys.stdin.readline().strip()
    if not folder:
        return
    chosen = RunnerFilter(framework=["kubernetes"])
    k8_json.SafeLineLoader = _Loader
    runner = Runner()
    runner.graph_manager = None  # for CKV2 rules, which need several objects; each file has one
    report = runner.run(root_folder=folder, runner_filter=chosen)
    found = [
        (Path(failed.file_path).stem, failed.check_id, failed.check_name)
        for failed in report.failed_checks
    ]
    print(json.dumps(found))


if __name__ == "__main__":
    main()
