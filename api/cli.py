"""The command line: one file a command in `api.commands`, wired together here."""

import typer

app = typer.Typer(
    name="onward", no_args_is_help=True, add_completion=False, help="Warehouse operations and picking routes."
)


@app.callback()
def onward() -> None:
    """Run a warehouse with random storage."""


def main() -> None:
    """Run the command line."""
    app()
