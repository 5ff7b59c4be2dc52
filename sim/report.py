"""What a simulation found: one self-contained page, and the same figures as plain data."""

from dataclasses import dataclass, fields
from typing import Any

from jinja2 import Environment, PackageLoader

from sim.charts import figure, interval_chart, share_chart
from sim.experiment import Experiment, Measures, SampleRun
from sim.scenario import Scenario, Storage, Variant, in_words, settings_of
from sim.statistics import CONFIDENCE, Estimate
from warehouse.drawing import DrawnStop, floor_svg


@dataclass(frozen=True, slots=True)
class MeasureText:
    """How a measure is shown; `chart` is the sentence above its chart, or empty for none."""

    title: str
    unit: str
    digits: int
    chart: str = ""


MEASURES = {
    "walking_m": MeasureText("Walking", "m", 0, "Everything that all pickers walk on the day."),
    "walking_m_per_line": MeasureText("Walking a line", "m", 1),
    "backtrack_m": MeasureText("Aisle floor walked again", "m", 0),
    "order_minutes_mean": MeasureText(
        "Order to picked, mean", "min", 1, "From the minute an order comes in until its last line is picked."
    ),
    "order_minutes_p95": MeasureText("Order to picked, 95 of 100 within", "min", 1),
    "utilisation_percent": MeasureText(
        "Utilisation",
        "%",
        1,
        "Share of the crew's time, from the first release to the last run handed in, spent on runs.",
    ),
    "lines_per_picker_hour": MeasureText("Lines a picker and hour at work", "", 1),
    "finished_hour": MeasureText("Last run in", "h after midnight", 2),
    "bins_found_empty": MeasureText("Bins found empty", "", 1),
    "replanning_m": MeasureText("Further by planning again", "m", 0),
    "lines_joined": MeasureText("Lines that joined runs", "", 1),
}
"""Every field of `Measures`, in the order in which it is shown."""

STORAGE_TEXT = {
    Storage.RANDOM: "each product spread over {bins} bins at random",
    Storage.DEDICATED: "each product in one fixed place, in the order of product codes",
    Storage.CLASS_BASED: "each product in one fixed place, fast movers nearest the cart park",
}


def experiment_data(experiment: Experiment) -> dict[str, Any]:
    """The figures of an experiment as plain lists and numbers, for JSON."""
    scenario = experiment.scenario
    return {
        "name": scenario.name,
        "orders": len(experiment.demand.orders),
        "lines": sum(experiment.demand.lines.values()),
        "replications": scenario.replications,
        "seed": scenario.seed,
        "confidence": CONFIDENCE,
        "variants": [
            {
                "name": variant.name,
                "storage": variant.storage.value,
                "policy": variant.policy.name.value,
                "policy_settings": settings_of(variant.policy),
                "pickers": variant.pickers,
                "bins_per_product": variant.bins_per_product,
                "short_lines": max(each.num_short for each in experiment.outcomes if each.variant == variant),
                "walk_check": [
                    {"arrivals_mm": each.walk_check.arrivals_mm, "routes_mm": each.walk_check.routes_mm}
                    for each in experiment.outcomes
                    if each.variant == variant
                ],
                "measures": {name: interval(value) for name, value in experiment.measured(variant).items()},
            }
            for variant in scenario.variants
        ],
    }


def interval(value: Estimate) -> dict[str, float | None]:
    """An estimate as mean, low and high; without an interval (one replication) low and high are None."""
    if value.half_width != value.half_width:  # not a number
        return {"mean": value.mean, "low": None, "high": None}
    return {"mean": value.mean, "low": value.low, "high": value.high}


def answer(experiment: Experiment) -> str:
    """The result in one sentence: the least and the most walking, and what lies between them."""
    walking = {variant: experiment.measured(variant)["walking_m"].mean for variant in experiment.scenario.variants}
    best, worst = min(walking, key=lambda each: walking[each]), max(walking, key=lambda each: walking[each])
    if walking[worst] == 0 or best == worst:
        return f"{best.name}: {walking[best]:,.0f} m are walked."
    saved = 1 - walking[best] / walking[worst]
    return (
        f"Least walking: {way(best)}, {walking[best]:,.0f} m. Most: {way(worst)}, {walking[worst]:,.0f} m. "
        f"The best way saves {100 * saved:.0f} % of what the worst walks."
    )


def way(variant: Variant) -> str:
    """How a variant stores and walks; walking does not depend on the crew."""
    return variant.name.rsplit(",", 1)[0]


def experiment_html(experiment: Experiment) -> str:
    """The report as one HTML page that needs no other file."""
    scenario = experiment.scenario
    measured = {variant: experiment.measured(variant) for variant in scenario.variants}
    least = min(scenario.variants, key=lambda variant: measured[variant]["walking_m"].mean)
    shown = {each.name: MEASURES[each.name] for each in fields(Measures) if _is_asked(scenario, each.name)}
    charts = [
        {
            "title": text.title,
            "says": text.chart,
            "svg": interval_chart(
                [(variant.name, measured[variant][name]) for variant in scenario.variants],
                text.unit,
                digits=text.digits,
            ),
        }
        for name, text in shown.items()
        if text.chart
    ]
    charts.append(
        {
            "title": "How long orders wait",
            "says": "What share of the orders is picked within so many minutes, all replications together.",
            "svg": share_chart(
                [(each.name, experiment.order_minutes(each) or [0.0]) for each in scenario.variants], "min"
            ),
        }
    )
    page = Environment(loader=PackageLoader("sim"), autoescape=True, trim_blocks=True).get_template("simulation.html")
    return page.render(
        scenario=scenario,
        demand={"num_orders": len(experiment.demand.orders), "num_lines": sum(experiment.demand.lines.values())},
        answer=answer(experiment),
        measures=shown.values(),
        rows=[
            {
                "name": variant.name,
                "best": variant == least,
                "cells": [figure(measured[variant][name], text.digits) for name, text in shown.items()],
            }
            for variant in scenario.variants
        ],
        charts=charts,
        pictures=[picture(experiment, sample) for sample in experiment.samples],
        assumptions=assumptions(experiment),
    )


def _is_asked(scenario: Scenario, measure: str) -> bool:
    """Whether a measure can be anything but 0."""
    asked = {
        "bins_found_empty": scenario.empty_percent > 0,
        "replanning_m": scenario.empty_percent > 0,
        "lines_joined": scenario.join,
    }
    return asked.get(measure, True)


def picture(experiment: Experiment, sample: SampleRun) -> dict[str, str]:
    """One run drawn on its floor, with a line about it."""
    route = sample.run.route
    words = f"{sample.storage.value}, {in_words(sample.policy)}".replace("_", " ")
    drawing = floor_svg(
        sample.run.problem.floor,
        bins=experiment.site.bins,
        legs=route.legs,
        stops=[DrawnStop(stop.spot, stop.picks[0].bin) for stop in route.stops],
        start=route.start,
        end=route.end,
        title=words,
    )
    facts = route.certificate
    caption = (
        f"{words}: {len(sample.run.orders)} orders, {facts.stops} bins, {facts.distance_mm / 1000:,.0f} m, "
        f"{facts.backtrack_mm / 1000:,.0f} m of aisle floor walked again"
    )
    return {"svg": drawing, "caption": caption}


def assumptions(experiment: Experiment) -> list[tuple[str, str]]:
    """Everything the figures rest on, by name."""
    scenario, times = experiment.scenario, experiment.scenario.times
    storages = dict.fromkeys((each.storage, each.bins_per_product) for each in scenario.variants)
    return [
        ("Demand", experiment.demand.name),
        ("Sizes", experiment.demand.size_rule),
        *((f"Storage {storage.value}", STORAGE_TEXT[storage].format(bins=bins)) for storage, bins in storages),
        ("Release", f"in waves, every {scenario.release_every_s / 60:g} minutes, by the rules of the live floor"),
        ("Solver", f"{scenario.iterations} iterations of the bin search a run, so that equal seeds give equal days"),
        ("Walking", f"{times.speed_mm_s / 1000:g} m/s, spread between pickers {times.speed_cv:.0%}"),
        ("Handling", f"{times.stop_s:g} s a stop and {times.unit_s:g} s a unit, spread {times.handling_cv:.0%}"),
        ("A run", f"{times.setup_s:g} s to begin, {times.hand_in_s:g} s to hand in"),
        ("Bins found empty", f"{scenario.empty_percent:g} % of all stock records; the rest is then planned again"),
        ("Orders that come in", "may join runs on their way" if scenario.join else "wait for the next release"),
        ("Not modelled", "pickers in each other's way; breaks"),
    ]
