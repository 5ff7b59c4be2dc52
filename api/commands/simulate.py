"""`onward simulate`: what would the day look like if something were different?"""

import json
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from sim.charts import figure
from sim.dock_day import DockLog
from sim.dock_experiment import DockExperiment, run_docks, supplier_times
from sim.dock_report import HEADINGS, docks_answer, docks_data, docks_html, supplier_cells
from sim.dock_report import MEASURES as DOCK_MEASURES
from sim.dock_scenario import asks_for_docks, load_docks
from sim.experiment import Experiment, run_experiment
from sim.report import MEASURES, answer, experiment_data, experiment_html
from sim.scenario import load_scenario
from sim.scenario_fields import ScenarioInvalid
from warehouse.errors import ImportInvalid, SiteFileInvalid

PAGE = "simulation.html"
DATA = "simulation.json"
IN_TABLE = ("walking_m", "order_minutes_mean", "order_minutes_p95", "utilisation_percent")
"""What fits a terminal; the report and the JSON tell everything."""


def simulate(
    scenario_file: Annotated[Path, typer.Argument(metavar="SCENARIO.yaml", help="What to ask (docs/simulate.md).")],
    replications: Annotated[int | None, typer.Option(min=1, help="Instead of the scenario's own number.")] = None,
    jobs: Annotated[int, typer.Option(help="Processes to use; -1 for one a core.")] = -1,
    as_json: Annotated[bool, typer.Option("--json", help="Print the figures as JSON.")] = False,
    out: Annotated[Path | None, typer.Option(metavar="DIR", help=f"Write {PAGE} and {DATA} there.")] = None,
) -> None:
    """Simulate a scenario: every variant, repeated, on all cores."""
    begun = time.perf_counter()
    try:
        with Progress(console=Console(stderr=True), disable=not sys.stderr.isatty(), transient=True) as bar:
            task = bar.add_task("playing the day", total=None)
            run = _docks if asks_for_docks(scenario_file) else _picking
            told = run(
                scenario_file, replications, jobs, lambda done, total: bar.update(task, completed=done, total=total)
            )
    except (ScenarioInvalid, ImportInvalid, SiteFileInvalid) as error:
        for problem in error.problems:
            typer.echo(str(problem), err=True)
        raise typer.Exit(2) from error
    data = told.data | {"seconds": round(time.perf_counter() - begun, 1)}
    if out is not None:
        out.mkdir(parents=True, exist_ok=True)
        (out / PAGE).write_text(told.page(), encoding="utf-8")
        (out / DATA).write_text(json.dumps(data, indent=1), encoding="utf-8")
    if as_json:
        typer.echo(json.dumps(data))
        return
    told.show()
    typer.echo(f"\n{told.answer} ({data['seconds']} s)")
    if out is not None:
        typer.echo(f"The report is in {out / PAGE}")


@dataclass(frozen=True)
class _Told:
    """What came of a simulation, in every form it is told in."""

    data: dict[str, Any]
    answer: str
    page: Callable[[], str]
    show: Callable[[], None]


def _picking(path: Path, replications: int | None, jobs: int, progress: Callable[[int, int], None]) -> _Told:
    experiment = run_experiment(load_scenario(path, replications=replications), num_jobs=jobs, progress=progress)
    page, show = partial(experiment_html, experiment), partial(print_table, experiment)
    return _Told(experiment_data(experiment), answer(experiment), page, show)


def _docks(path: Path, replications: int | None, jobs: int, progress: Callable[[int, int], None]) -> _Told:
    experiment = run_docks(load_docks(path, replications=replications), num_jobs=jobs, progress=progress)
    page, show = partial(docks_html, experiment), partial(print_docks, experiment)
    return _Told(docks_data(experiment), docks_answer(experiment), page, show)


def print_table(experiment: Experiment) -> None:
    """The variants side by side."""
    table = Table(title=f"{experiment.scenario.name}, {experiment.scenario.replications} replications, 95 % intervals")
    table.add_column("variant")
    for name in IN_TABLE:
        table.add_column(f"{MEASURES[name].title}\n{MEASURES[name].unit}", justify="right")
    for variant in experiment.scenario.variants:
        measured = experiment.measured(variant)
        cells = [figure(measured[name], MEASURES[name].digits) for name in IN_TABLE]
        table.add_row(variant.name, *cells)
    Console().print(table)


def print_docks(experiment: DockExperiment) -> None:
    """The variants side by side, and the suppliers of each."""
    scenario = experiment.scenario
    table = Table(title=f"{scenario.name}, {scenario.replications} days, 95 % intervals")
    table.add_column("variant")
    for text in DOCK_MEASURES.values():
        table.add_column(f"{text.title}\n{text.unit}", justify="right")
    for number, variant in enumerate(scenario.variants):
        measured = experiment.measured(number)
        table.add_row(variant.name, *(figure(measured[name], text.digits) for name, text in DOCK_MEASURES.items()))
    Console().print(table)
    for number, variant in enumerate(scenario.variants):
        Console().print(supplier_table(f"{variant.name}; minutes", experiment.days[number]))


def supplier_table(title: str, days: Sequence[DockLog]) -> Table:
    """The suppliers side by side."""
    table = Table(title=title)
    for heading in HEADINGS:
        table.add_column(heading, justify="left" if heading == HEADINGS[0] else "right")
    for each in supplier_times(days):
        table.add_row(*supplier_cells(each))
    return table
