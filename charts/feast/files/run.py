"""Run `feast` with the arguments of this command, after quoting the secrets in its environment.

`feast serve_registry` starts processes that import this file again.
"""

import sys

import quoting
import repository

quoting.quote_environment()
repository.prepare()

if __name__ == "__main__":
    from feast.cli.cli import cli

    cli(sys.argv[1:], prog_name="feast")
