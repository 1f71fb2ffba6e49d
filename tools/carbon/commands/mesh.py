"""`carbon mesh`: shows which pods and connections of a cluster the policies of a release affect."""

import json
from pathlib import Path
from typing import Annotated

import typer

from carbon import options
from carbon.app import add_group
from carbon.console import out
from carbon.errors import CarbonError
from carbon.impact.cluster import list_cluster, read_cluster
from carbon.impact.outputs import print_impact, print_steps, to_map, write_steps
from carbon.impact.run import Run, read_used, read_values
from carbon.options import Output, OutputOption
from carbon.platform.target import NAMESPACE, get_target

command = add_group(
    "mesh",
    "Show which pods and connections of a cluster the policies of a release affect.",
    needs_command=True,
)
ClusterOption = Annotated[
    list[Path] | None,
    typer.Option(
        metavar="PATH",
        help="A file that `kubectl get -o json` or `-o yaml` wrote, or a folder of such files, "
        "instead of a running cluster. May be repeated.",
    ),
]
ValuesOption = Annotated[
    list[Path],
    typer.Option("--values", "-f", help="A values file for the umbrella. May be repeated."),
]
UsedOption = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE",
        help="The connections in use, which the output marks: `connections`, a list of "
        "{from: [CLIENT], to: SERVER, ports: [NUMBER]} with names of workloads.",
    ),
]


@command.callback()
def mesh() -> None:
    """Show which pods and connections of a cluster the policies of a release affect."""


@command.command("impact")
def impact(
    *,
    values: ValuesOption,
    before: Annotated[
        list[Path] | None,
        typer.Option(
            "--from",
            help="A values file of the release before. May be repeated. "
            "Default: the policies that the cluster has.",
        ),
    ] = None,
    step: Annotated[
        str, typer.Option(help="A step that `carbon mesh steps` lists, after those before it.")
    ] = "",
    cluster: ClusterOption = None,
    connections: UsedOption = None,
    context: options.Context = None,
    namespace: options.Namespace = NAMESPACE,
    output: OutputOption = Output.text,
) -> None:
    """Show which pods the policies of a release select, and which connections it opens or closes.

    NetworkPolicies, PeerAuthentications, AuthorizationPolicies and Sidecars count, those of other
    teams too. Connections are those between all pods, on the ports of their containers and
    Services, and to addresses outside the cluster. A connection counts as closed if the proxy of
    its client does not know the Service.
    """
    if step and before:
        raise CarbonError("--step and --from exclude each other", "Leave out one of the two.")
    run = _make_run(values, cluster, connections, context, namespace)
    if step:
        found = run.compare_step(step)
    else:
        found = run.compare_values(read_values(before)) if before else run.compare_cluster()
    if output is Output.json:
        print(json.dumps(to_map(found), indent=2))
    else:
        print_impact(found, out)


@command.command("steps")
def steps(
    *,
    values: ValuesOption,
    cluster: ClusterOption = None,
    connections: UsedOption = None,
    context: options.Context = None,
    namespace: options.Namespace = NAMESPACE,
    output: OutputOption = Output.text,
) -> None:
    """List the steps in which pods of other teams get policies, with what each step does.

    The first step creates no policies, the second those of the release's own pods. Then follows one
    step for each entry of the services table that states `policies`, and the last step isolates all
    other pods of the namespace. docs/production.md explains the steps.
    """
    rows = _make_run(values, cluster, connections, context, namespace).compare_steps()
    if output is Output.json:
        print(write_steps(rows))
    else:
        print_steps(rows, out)


def _make_run(
    values: list[Path],
    cluster: list[Path] | None,
    connections: Path | None,
    context: str | None,
    namespace: str,
) -> Run:
    used = read_used(connections) if connections else set()
    given = read_values(values)
    if cluster:
        return Run(read_cluster(cluster), given, namespace, used)
    return Run(list_cluster(get_target(context, namespace)), given, namespace, used)
