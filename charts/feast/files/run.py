"""Run `feast` with the arguments of this command, its secrets quoted for feature_store.yaml."""

import os
import sys

import quoting

quoting.environment()
os.execvp("feast", ["feast", *sys.argv[1:]])  # noqa: S606
