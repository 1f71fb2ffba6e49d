"""The command line application, to which the modules in `carbon.commands` add commands."""

import typer

app = typer.Typer(
    name="carbon",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
    rich_markup_mode="rich",
)


@app.callback()
def carbon() -> None:
    """Run, render and test the 254carbon Helm charts."""
