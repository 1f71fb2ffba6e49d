"""The command line: the app that the modules in `carbon.commands` add to."""

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
    """Runs, renders and tests the 254carbon Helm charts."""
