"""Run `feast` with the arguments of this command, after quoting the secrets in its environment."""

import os
import sys

import quoting

quoting.quote_environment()
os.execvp("feast", ["feast", *sys.argv[1:]])  # noqa: S606
