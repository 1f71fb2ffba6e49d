"""The command line application, to which the modules in `carbon.commands` add commands."""

import typer

app = typer.Typer(
    name="carbon",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
    rich_markup_mode="rich",
)


def add_group(name: str, about: str, *, needs_command: bool = False) -> typer.Typer:
    """Add a group of commands, such as `carbon images`, and return the group.

    A group that needs a command prints its help if it is called without one.
    """
    group = typer.Typer(no_args_is_help=needs_command, help=about)
    app.add_typer(group, name=name)
    return group


@app.callback()
def carbon() -> None:
    """Run, render and test the 254carbon Helm charts."""
