"""Builds the configuration of supervisord, which runs and restarts the node's programs."""

from collections.abc import Iterable, Mapping, Sequence
from configparser import RawConfigParser
from io import StringIO
from pathlib import Path

from carbon.cluster.addons import NodeProgram
from carbon.cluster.layout import Layout

SOCKET = "/run/supervisor.sock"
"""supervisord's control socket, in the node's own /run."""


def build_configuration(
    place: Layout, selected: Iterable[tuple[NodeProgram, Sequence[Path]]]
) -> str:
    """Return the configuration for programs.

    Each has the path of its executable, and then those of external programs that it runs.
    """
    ini = RawConfigParser()
    ini["supervisord"] = {
        "nodaemon": "true",
        "silent": "true",  # else it logs each line twice: standard output is node.log, too
        "user": "root",
        "directory": "/",
        "logfile": str(place.logs / "node.log"),
        "pidfile": "/run/supervisord.pid",
    }
    ini["unix_http_server"] = {"file": SOCKET}
    ini["supervisorctl"] = {"serverurl": f"unix://{SOCKET}"}
    ini["rpcinterface:supervisor"] = {
        "supervisor.rpcinterface_factory": "supervisor.rpcinterface:make_main_rpcinterface"
    }
    chosen = list(selected)
    needs = {program.name: program.needs for program, _ in chosen}
    for program, paths in chosen:
        section = _build_section(place, program, paths)
        ini[f"program:{program.name}"] = section | {"priority": str(_rank(program.name, needs))}
    text = StringIO()
    ini.write(text)
    return text.getvalue()


def _rank(name: str, needs: Mapping[str, Sequence[str]]) -> int:
    """Return the priority of a program: lower ones start earlier and stop later."""
    return 1 + max((_rank(needed, needs) for needed in needs[name]), default=0)


def _build_section(place: Layout, program: NodeProgram, paths: Sequence[Path]) -> dict[str, str]:
    words = [str(paths[0]), *([program.verb] if program.verb else [])]
    words += [f"--{flag}={value}" for flag, value in program.flags.items()]
    words += program.arguments
    # containerd's shim is in the folder of containerd; other programs are Debian's.
    folders = [*(str(path.parent) for path in paths), "/usr/sbin", "/usr/bin", "/sbin", "/bin"]
    environment = {"PATH": ":".join(folders), "HOME": "/root", **program.environment}
    return {
        "command": " ".join(f'"{word}"' for word in words).replace("%", "%%"),
        "environment": ",".join(f'{name}="{value}"' for name, value in environment.items()),
        "startretries": "1000",
        "startsecs": "2",
        "stopwaitsecs": "15",
        "stdout_logfile": str(place.logs / f"{program.name}.log"),
        "stdout_logfile_maxbytes": "20MB",
        "stdout_logfile_backups": "1",
        "redirect_stderr": "true",
    }
