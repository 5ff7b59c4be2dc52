"""`onward simulate`: what would the day look like if something were different?"""

import json
import sys
import time
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from sim.charts import figure
from sim.experiment import Experiment, run_experiment
from sim.report import MEASURES, answer, experiment_data, experiment_html
from sim.scenario import ScenarioInvalid, load_scenario
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
        scenario = load_scenario(scenario_file, replications=replications)
        with Progress(console=Console(stderr=True), disable=not sys.stderr.isatty(), transient=True) as bar:
            task = bar.add_task("planning and walking", total=None)
            experiment = run_experiment(
                scenario, num_jobs=jobs, progress=lambda done, total: bar.update(task, completed=done, total=total)
            )
    except (ScenarioInvalid, ImportInvalid, SiteFileInvalid) as error:
        for problem in error.problems:
            typer.echo(str(problem), err=True)
        raise typer.Exit(2) from error
    data = experiment_data(experiment) | {"seconds": round(time.perf_counter() - begun, 1)}
    if out is not None:
        out.mkdir(parents=True, exist_ok=True)
        (out / PAGE).write_text(experiment_html(experiment), encoding="utf-8")
        (out / DATA).write_text(json.dumps(data, indent=1), encoding="utf-8")
    if as_json:
        typer.echo(json.dumps(data))
        return
    print_table(experiment)
    typer.echo(f"\n{answer(experiment)} ({data['seconds']} s)")
    if out is not None:
        typer.echo(f"The report is in {out / PAGE}")


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
