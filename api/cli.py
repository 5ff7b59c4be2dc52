"""The command line: one file a command in `api.commands`, wired together here.

A file holds either `app`, a group of commands, or one function named like the file.
"""

import importlib
import pkgutil

import typer

from api import commands

app = typer.Typer(
    name="onward",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,  # a fault is for the log: plain, and without the values of variables
    help="Warehouse operations and picking routes.",
)


@app.callback()
def onward() -> None:
    """Run a warehouse with random storage."""


def _wire() -> None:
    for found in pkgutil.iter_modules(commands.__path__, f"{commands.__name__}."):
        module = importlib.import_module(found.name)
        name = found.name.rpartition(".")[2].rstrip("_")  # import_ is the file of `onward import`
        if hasattr(module, "app"):
            app.add_typer(module.app, name=name)
        else:
            app.command(name)(getattr(module, name))


def main() -> None:
    """Run the command line."""
    app()


_wire()
