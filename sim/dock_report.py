"""What days at the docks came to: one self-contained page, and the same figures as plain data."""

from dataclasses import asdict
from typing import Any

from jinja2 import Environment, PackageLoader

from sim.charts import figure, interval_chart, share_chart
from sim.dock_day import HOUR_S
from sim.dock_experiment import DockExperiment, SupplierTimes, supplier_times
from sim.report import MeasureText, interval
from sim.statistics import CONFIDENCE

MEASURES = {
    "gate_minutes": MeasureText("A truck waits at the gate", "min", 0),
    "stock_minutes_median": MeasureText("Gate to bin, median", "min", 0),
    "stock_minutes_p95": MeasureText(
        "Gate to bin, 95 of 100 units within", "min", 0, "From a truck's arrival until its goods lie in a bin."
    ),
    "receivers_percent": MeasureText(
        "Receivers at work", "%", 0, "Share of their time, until the last goods are put away, at trucks."
    ),
    "finished_h": MeasureText("Last goods put away", "h after opening", 1),
}
"""Every field of `DockMeasures`, in the order in which it is shown."""

HEADINGS = ("supplier", "trucks", "units", "at the gate", "median", "p95", "slower", "chance")


def supplier_cells(each: SupplierTimes) -> tuple[str, ...]:
    """A supplier's figures as they are shown, under `HEADINGS`."""
    return (
        each.supplier,
        f"{each.num_trucks:,}",
        f"{each.units:,}",
        f"{each.gate_minutes:.0f}",
        f"{each.median_minutes:.0f}",
        f"{each.p95_minutes:.0f}",
        f"{each.pace_more:+.1%}",
        f"{each.chance:.2f}",
    )


def docks_data(experiment: DockExperiment) -> dict[str, Any]:
    """The figures as plain lists and numbers, for JSON."""
    scenario = experiment.scenario
    return {
        "name": scenario.name,
        "trucks": scenario.variants[0].num_trucks,
        "replications": scenario.replications,
        "seed": scenario.seed,
        "confidence": CONFIDENCE,
        "variants": [
            {
                "name": variant.name,
                "docks": variant.num_docks,
                "receivers": variant.num_receivers,
                "stowers": variant.num_stowers,
                "measures": {name: interval(value) for name, value in experiment.measured(number).items()},
                "suppliers": [asdict(each) for each in supplier_times(experiment.days[number])],
            }
            for number, variant in enumerate(scenario.variants)
        ],
    }


def docks_answer(experiment: DockExperiment) -> str:
    """The result in a sentence: the variants with the shortest and the longest way from gate to bin."""
    p95 = [experiment.measured(number)["stock_minutes_p95"].mean for number in range(len(experiment.days))]
    names = [variant.name for variant in experiment.scenario.variants]
    best, worst = p95.index(min(p95)), p95.index(max(p95))
    said = f"95 of 100 units lie in a bin {p95[best]:.0f} minutes after their truck came, with {names[best]}."
    return said if best == worst else f"{said} Slowest: {p95[worst]:.0f} minutes, with {names[worst]}."


def docks_html(experiment: DockExperiment) -> str:
    """The report as one HTML page that needs no other file."""
    scenario = experiment.scenario
    measured = [experiment.measured(number) for number in range(len(scenario.variants))]
    p95 = [each["stock_minutes_p95"].mean for each in measured]
    names = [variant.name for variant in scenario.variants]
    charts = [
        {
            "title": text.title,
            "says": text.chart,
            "svg": interval_chart(
                [(name, each[measure]) for name, each in zip(names, measured, strict=True)],
                text.unit,
                digits=text.digits,
            ),
        }
        for measure, text in MEASURES.items()
        if text.chart
    ]
    minutes = [(name, experiment.pallet_minutes(number)) for number, name in enumerate(names)]
    charts.append(
        {
            "title": "How long pallets take",
            "says": "What share of the pallets is put away within so many minutes, all days together.",
            "svg": share_chart(minutes, "min"),
        }
    )
    page = Environment(loader=PackageLoader("sim"), autoescape=True, trim_blocks=True).get_template("docks.html")
    return page.render(
        scenario=scenario,
        num_trucks=scenario.variants[0].num_trucks,
        num_suppliers=len(scenario.variants[0].senders),
        answer=docks_answer(experiment),
        measures=MEASURES.values(),
        rows=[
            {
                "name": name,
                "best": p95[number] == min(p95),
                "cells": [figure(measured[number][measure], text.digits) for measure, text in MEASURES.items()],
                "suppliers": [supplier_cells(each) for each in supplier_times(experiment.days[number])],
            }
            for number, name in enumerate(names)
        ],
        headings=HEADINGS,
        charts=charts,
        assumptions=_assumptions(experiment),
    )


def _assumptions(experiment: DockExperiment) -> list[tuple[str, str]]:
    """Everything the figures rest on, by name."""
    day = experiment.scenario.variants[0]
    shares = sum(each.share for each in day.senders)
    return [
        (
            "Appointments",
            f"spread over {day.open_s / HOUR_S:g} hours; who is next is decided by the live rules",
        ),
        *(
            (
                each.name,
                f"{each.share / shares:.0%} of the trucks, {each.pallets_mean:g} pallets of "
                f"{each.units_a_pallet} units in {each.products_a_pallet:g} products, {each.booked:.0%} with an "
                f"appointment, kept to within {each.late_s / 60:g} minutes two times in three",
            )
            for each in day.senders
        ),
        (
            "Receiving",
            f"{day.dock_s:g} s a truck, {day.pallet_off_s:g} s a pallet, {day.product_scan_s:g} s a product on it",
        ),
        ("Putting away", f"{day.pallet_away_s:g} s a pallet and {day.product_away_s:g} s a product on it"),
        ("People", f"paces spread by {day.pace_cv:.0%}, each task by {day.handling_cv:.0%}"),
        ("Not modelled", "breaks and shifts; lifts and aisles in the way"),
    ]
