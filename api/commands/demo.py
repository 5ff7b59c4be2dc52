"""`onward demo`: a day in a warehouse with random storage, and what it saves."""

import json
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from api import schema
from api.errors import ANSWERS
from routing.problem import PolicyName
from sim.day_demand import DayDemand, demand_from_files, generated_demand
from sim.demo import DemoDay, DemoOptions, Phase, run_demo
from sim.demo_output import summary, write_output
from warehouse.database import Database
from warehouse.errors import ImportInvalid, OnwardError, Problem, SiteFileInvalid

PROBLEMS_SHOWN = 10  # on the screen; --json and --out have all of them


def demo(
    orders: Annotated[Path | None, typer.Option(exists=True, dir_okay=False, help="order file")] = None,
    products: Annotated[Path | None, typer.Option(exists=True, dir_okay=False, help="product file")] = None,
    day: Annotated[str | None, typer.Option(help="2011-12-05, or 1997-12 for a month taken as one day")] = None,
    policy: Annotated[PolicyName, typer.Option(help="how routes are chosen")] = PolicyName.NO_BACKTRACK,
    seed: Annotated[int, typer.Option(min=0, help="of stowing, search and generated demand")] = 0,
    site: Annotated[Path | None, typer.Option(exists=True, dir_okay=False, help="a site file of your own")] = None,
    bins_per_product: Annotated[int, typer.Option(min=1, max=100, help="over how many bins a product lies")] = 5,
    budget_ms: Annotated[int | None, typer.Option(min=0, help="how long the solver may think about one run")] = None,
    out: Annotated[Path | None, typer.Option(file_okay=False, help="folder for routes, stock and pictures")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="print the figures as JSON")] = False,
) -> None:
    """Stock a warehouse at random, pick a day's orders, and compare the walking with three other ways."""
    try:
        with _progress() as phase:
            demand = _demand(orders, products, day, seed, phase)
            text = site.read_text(encoding="utf-8") if site else None
            options = DemoOptions(policy, bins_per_product, seed, budget_ms, text)
            with _database(out) as database:
                done = run_demo(database, demand, options, phase)
            if out is not None:
                phase("writing files and pictures", 0, 0)
                write_output(done, out)
    except OnwardError as error:
        _stop(error)
    if as_json:
        typer.echo(json.dumps(summary(done)))
    else:
        _tell(done, out)
    raise typer.Exit(0 if done.ledger.ok else 1)


def _demand(orders: Path | None, products: Path | None, day: str | None, seed: int, phase: Phase) -> DayDemand:
    if orders is not None:
        return demand_from_files(
            orders, products, day, seed=seed, progress=lambda rows, total: phase("reading orders", rows, total)
        )
    if products is not None or day is not None:
        raise ImportInvalid([Problem("--products and --day", "need --orders, the file they belong to")])
    return generated_demand(seed=seed)


@contextmanager
def _database(out: Path | None) -> Iterator[Database]:
    """A fresh database: in the output folder, or in one that is gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="onward-demo-") as scratch:
        folder = out or Path(scratch)
        folder.mkdir(parents=True, exist_ok=True)
        for old in folder.glob("demo.db*"):
            old.unlink()
        with Database.open(f"sqlite:///{(folder / 'demo.db').absolute()}") as database:
            database.migrate(schema.metadata)
            yield database


@contextmanager
def _progress() -> Iterator[Phase]:
    """What is being done, on a terminal only."""
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, disable=not console.is_terminal, transient=True) as bar:
        task = bar.add_task("", total=None)
        yield lambda what, done, total: bar.update(task, description=what, completed=done, total=total or None)


def _stop(error: OnwardError) -> None:
    """Say what is wrong with the files, and end with status 1."""
    if isinstance(error, ImportInvalid | SiteFileInvalid):
        for each in error.problems[:PROBLEMS_SHOWN]:
            typer.echo(str(each), err=True)
    else:
        typer.echo(ANSWERS[type(error)].detail(error), err=True)
    raise typer.Exit(1) from error


def _tell(done: DemoDay, out: Path | None) -> None:
    """The report for the screen: the answer first."""
    figures = summary(done)
    console = Console()
    console.print(
        f"\n[bold]{figures['saving_vs_traditional']:.0%} less walking[/bold] than fixed places and one order a trip"
    )
    console.print(
        f"{figures['demand']}: {figures['orders']:,} orders, {figures['lines']:,} lines, {figures['units']:,} units "
        f"picked in {figures['runs']} runs, {figures['distance_per_line_m']} m a line\n"
    )
    console.print(_table(done))
    console.print(
        f"Routes verified: {figures['routes_verified']} of {figures['runs']}.  "
        f"Walked again: {figures['backtrack_m']:,.1f} m; unavoidable: {figures['backtrack_unavoidable_m']:,.1f} m."
    )
    ledger = "every balance follows from the movements" if done.ledger.ok else "[bold red]balances differ[/bold red]"
    console.print(f"Ledger: {done.ledger.movements:,} movements, {ledger}.")
    for short in done.shorts[:PROBLEMS_SHOWN]:
        console.print(
            f"Short: order {short.order} line {short.line_number}, {short.quantity} of {short.product}: {short.reason}"
        )
    if len(done.shorts) > PROBLEMS_SHOWN:
        console.print(f"... and {len(done.shorts) - PROBLEMS_SHOWN} more lines short.")
    for rule in done.rules:
        console.print(f"[dim]{rule}[/dim]", highlight=False)
    seconds = figures["seconds"]
    console.print("[dim]seconds: " + ", ".join(f"{name} {each}" for name, each in seconds.items()) + "[/dim]")
    if out is not None:
        console.print(f"Files and pictures: {out / 'routes.html'}")


def _table(done: DemoDay) -> Table:
    table = Table()
    table.add_column("way to store and pick")
    for title in ("runs", "walked, m", "walked again, m", "random storage saves"):
        table.add_column(title, justify="right")
    for walking in (done.random, *done.baselines):
        saving = 1 - done.random.distance_mm / walking.distance_mm if walking.distance_mm else 0.0
        table.add_row(
            walking.name.replace("_", "-"),
            f"{len(walking.runs):,}",
            f"{walking.distance_mm / 1000:,.0f}",
            f"{walking.backtrack_mm / 1000:,.0f}",
            "" if walking is done.random else f"{saving:.1%}",
        )
    return table
