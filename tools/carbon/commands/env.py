"""`carbon env`: prints the environment variables with which a shell uses the local cluster."""

import os
import shlex
import sys
from pathlib import Path

from carbon import externals
from carbon.app import app
from carbon.cluster.layout import layout
from carbon.console import out
from carbon.errors import CarbonError


@app.command()
def env() -> None:
    """Print KUBECONFIG and PATH for the local cluster: eval "$(carbon env)"."""
    kubeconfig = layout().kubeconfig
    if not kubeconfig.exists():
        raise CarbonError("there is no local cluster yet", "Start one with: tools/up")
    programs = (externals.ensure_program(name).parent for name in ("kubectl", "helm"))
    folders = [str(Path(sys.executable).parent), *map(str, programs)]
    path = [p for p in os.environ.get("PATH", "").split(":") if p not in folders]
    out.print(f"export KUBECONFIG={shlex.quote(str(kubeconfig))}", markup=False)
    out.print(f"export PATH={shlex.quote(':'.join([*folders, *path]))}", markup=False)
