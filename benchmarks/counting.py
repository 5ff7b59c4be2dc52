"""What counting makes of a site whose errors are known, and whether the audit sample's bound holds.

On a site of 100,000 records with 5,000 picked lines a day, picks, stows, thefts and counts go wrong at fixed rates.
First, ways of counting lift it from 98 %: labour, metres, the age of errors when they are found, and which rates must
fall to what for 99.99 %. Then samples of 30 days are looked at daily, and every claim is held against the truth.
`python -m benchmarks counting --repetitions 1000` sets how many samples; `--days` how long a way of counting goes on.
"""

import argparse
from collections.abc import Sequence

import joblib
import numpy as np
from rich.console import Console
from rich.table import Table

from inventory.rules.accuracy import accuracy_at_least
from sim.counting_programme import (
    PROGRAMMES,
    STEADY_DAYS,
    TARGET,
    CauseFigures,
    Course,
    Programme,
    Watched,
    daily_sample,
    play,
    watch_sample,
)
from sim.record_errors import Cause, ErrorRates, RecordedSite

REPETITIONS = 200
DAYS = 360
SAMPLE_DAYS = 30
ERRORS_PLANNED = 2
ACCURACIES = (0.98, 0.999, 0.9999, 1.0)
"""Of the site when a sample begins: one repetition in four each."""

HELD_MIN = 0.95
SEED = 1


def main(options: Sequence[str] = ()) -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks counting", description="Play ways of counting.")
    parser.add_argument("--repetitions", type=int, default=REPETITIONS, help=f"samples (default {REPETITIONS})")
    parser.add_argument("--days", type=int, default=DAYS, help=f"of a way of counting (default {DAYS})")
    chosen = parser.parse_args(options)
    site = RecordedSite()
    console = Console(width=150)
    courses: list[Course] = joblib.Parallel(n_jobs=-1)(
        joblib.delayed(play)(site, each, accuracy=0.98, days=chosen.days, target=TARGET, seed=SEED)
        for each in PROGRAMMES
    )
    console.print(_courses(courses, chosen.days))
    console.print(_rates(courses, site.rates))
    _samples(console, site, PROGRAMMES[1], chosen.repetitions)


def _courses(courses: Sequence[Course], days: int) -> Table:
    """How right a site gets and what that costs."""
    table = Table(title=f"From 98 %, by way of counting; labour and age over the last {STEADY_DAYS} days")
    for name in ("counting", "day 30", "day 90", f"day {days}", "visits/day", "hours/day", "km/day", "age days", "p95"):
        table.add_column(name, justify="left" if name == "counting" else "right")
    for each in courses:
        shown = (each.accuracy[min(day, days)] for day in (30, 90, days))
        table.add_row(
            each.programme.name,
            *(f"{100 * share:.3f} %" for share in shown),
            f"{each.visits_daily:,.0f}",
            f"{each.hours_daily:.1f}",
            f"{each.metres_daily / 1000:.1f}",
            f"{each.age_days_median:.0f}",
            f"{each.age_days_p95:.0f}",
        )
    return table


def _rates(courses: Sequence[Course], rates: ErrorRates) -> Table:
    """Which rates must fall to what for the target to be held."""
    table = Table(title=f"What {float(TARGET):.2%} asks for: a rate alone, the others as they are; or all together")
    for name in (
        "counting",
        "wrong a day",
        "held",
        "mis-picks",
        "mis-stows",
        "thefts a day",
        "miscounts",
        "all together",
    ):
        table.add_column(name, justify="left" if name == "counting" else "right")
    now = {
        Cause.MISPICK: rates.mispick,
        Cause.MISSTOW: rates.misstow,
        Cause.THEFT: rates.thefts_daily,
        Cause.MISCOUNT: rates.miscount,
    }
    for course in courses:
        held = course.factor_all == 1.0
        by_cause = {figures.cause: figures for figures in course.causes}
        table.add_row(
            course.programme.name,
            f"{sum(figures.born_daily for figures in course.causes):.1f}",
            "yes" if held else "no",
            *("" if held else _fallen(by_cause[cause], rate) for cause, rate in now.items()),
            "" if held else f"to {course.factor_all:.1%} of what they are",
        )
    return table


def _fallen(figures: CauseFigures, rate: float) -> str:
    """The rate that a cause must fall to, if that alone is enough."""
    if figures.factor_alone is None:
        return "not alone"
    fallen = rate * figures.factor_alone
    return f"{fallen:.2f}" if rate >= 1 else f"1 in {1 / fallen:,.0f}" if fallen else "none at all"


def _samples(console: Console, site: RecordedSite, programme: Programme, repetitions: int) -> None:
    """Samples looked at daily: how often every claim was true."""
    plan = daily_sample(site, SAMPLE_DAYS, ERRORS_PLANNED)
    watched: list[Watched] = joblib.Parallel(n_jobs=-1, batch_size=4)(
        joblib.delayed(watch_sample)(
            site, programme, plan, accuracy=ACCURACIES[number % len(ACCURACIES)], seed=SEED + number
        )
        for number in range(repetitions)
    )
    table = Table(
        title=f"{repetitions} samples of {plan.days} days, {plan.checks_daily:,} records a day, looked at daily"
    )
    for name in ("begins at", "samples", "all claims true", "claimed at the end", "true", "errors found"):
        table.add_column(name, justify="right")
    for index, accuracy in enumerate(ACCURACIES):
        some = watched[index :: len(ACCURACIES)]
        table.add_row(
            f"{accuracy:.2%}",
            f"{len(some)}",
            f"{sum(each.held for each in some)}",
            f"{np.mean([each.claimed for each in some]):.4%}",
            f"{np.mean([each.true for each in some]):.4%}",
            f"{np.mean([each.errors for each in some]):.1f}",
        )
    console.print(table)
    held = sum(each.held for each in watched)
    least = accuracy_at_least(repetitions, repetitions - held)
    verdict = "holds" if held >= HELD_MIN * repetitions else "FAILS"
    console.print(
        f"All claims of a sample were true in {held} of {repetitions} ({held / repetitions:.1%}; "
        f"with 95 % confidence in at least {least:.1%}): a confidence of 95 % {verdict}."
    )
