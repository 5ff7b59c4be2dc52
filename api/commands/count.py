"""`onward count`: what is to be counted, how right the records are, and how many checks prove it."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from fractions import Fraction
from typing import Annotated, TypeVar

import typer

from api.schema import metadata
from api.settings import Settings
from inventory.rules.accuracy import CONFIDENCE, accuracy_at_least, accuracy_at_least_always, checks_needed
from inventory.work.audit_views import AccuracyView, accuracy_view
from inventory.work.auditing import DrawSample, FixSample, draw_sample, fix_sample
from inventory.work.count_planning import PlanCounts, plan_counts
from inventory.work.sites import only_site
from warehouse.clock import SystemClock
from warehouse.database import Database
from warehouse.errors import NotFound, WrongState

app = typer.Typer(no_args_is_help=True, help="Count stock, and prove how right the records are.")

AnswerT = TypeVar("AnswerT")

Errors = Annotated[int, typer.Option(min=0, metavar="K", help="of them wrong, those corrected since too")]
Population = Annotated[int | None, typer.Option(min=1, metavar="M", help="records of the site [default: no end]")]
Confidence = Annotated[float, typer.Option(metavar="C", help="one-sided")]
Target = Annotated[str, typer.Option(metavar="T", help="share of right records to be proven, such as 0.9999")]
Site = Annotated[str | None, typer.Option(metavar="CODE", help="which site [default: the only one]")]
AsJson = Annotated[bool, typer.Option("--json", help="print one JSON object")]


@app.callback()
def count() -> None:
    """Count stock, and prove how right the records are."""


@app.command()
def bound(
    checked: Annotated[int, typer.Option(min=0, metavar="N", help="records checked, drawn at random")],
    errors: Errors,
    population: Population = None,
    confidence: Confidence = CONFIDENCE,
    always: Annotated[
        str | None, typer.Option(metavar="T", help="a bound that may be looked at daily, tightest at this accuracy")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Tell what share of the records is right at least, after a random sample."""

    def at_least() -> float:
        if always is None:
            return accuracy_at_least(checked, errors, population=population, confidence=confidence)
        target = _share("--always", always)
        return accuracy_at_least_always(checked, errors, target=target, population=population, confidence=confidence)

    accuracy = _answer(at_least)
    if as_json:
        print(json.dumps({"accuracy_at_least": accuracy}))
    else:
        print(f"At least {accuracy:.4%} of the records are right, with {confidence:.0%} confidence.")


@app.command()
def needed(
    target: Target,
    errors: Errors = 0,
    population: Population = None,
    confidence: Confidence = CONFIDENCE,
    as_json: AsJson = False,
) -> None:
    """Tell how large a random sample proves an accuracy, if it holds so many errors."""
    share = _share("--target", target)
    checks = _answer(lambda: checks_needed(share, errors=errors, population=population, confidence=confidence))
    if as_json:
        print(json.dumps({"checks": checks}))
    elif checks is None:
        print(f"No sample proves {target}: {errors} wrong records are more than it allows.")
    else:
        print(f"{checks:,} checks with {errors} errors prove {target} with {confidence:.0%} confidence.")


@app.command()
def plan(site: Site = None, as_json: AsJson = False) -> None:
    """Make all counts due that the site's rules ask for; to be run daily at least."""
    with _database() as database:
        code = _site(database, site)
        planned = _answer(lambda: database.run(plan_counts, PlanCounts(code), clock=SystemClock()))
    if as_json:
        print(json.dumps({"site": code} | asdict(planned)))
        return
    added = ", ".join(f"{number} {trigger}" for trigger, number in planned.added.items())
    print(f"Added: {added or 'none'}. {planned.num_due:,} bins are due.")


@app.command()
def sample(
    target: Annotated[
        str | None, typer.Option(metavar="T", help="fix a new sample that proves this accuracy, such as 0.9999")
    ] = None,
    days: Annotated[int, typer.Option(min=1, metavar="N", help="over how many days a new sample is drawn")] = 30,
    errors: Errors = 0,
    confidence: Confidence = CONFIDENCE,
    site: Site = None,
    as_json: AsJson = False,
) -> None:
    """Draw today's part of the random sample, of a new one if a target is named, and make its bins due."""
    with _database() as database:
        code = _site(database, site)
        if target is not None:
            share = str(float(_share("--target", target)))
            command = FixSample(code, share, days, "command line", errors=errors, confidence=confidence)
            _answer(lambda: database.run(fix_sample, command, clock=SystemClock()))
        drawn = _answer(lambda: database.run(draw_sample, DrawSample(code), clock=SystemClock()))
    if as_json:
        print(json.dumps({"site": code} | asdict(drawn)))
    else:
        print(f"Day {drawn.day} of {drawn.days}: {drawn.num_records:,} of {drawn.population:,} records drawn.")


@app.command()
def status(site: Site = None, as_json: AsJson = False) -> None:
    """Tell what the random sample proves, and apart from it what triggered counts have found."""
    with _database() as database, database.read() as session:
        code = _site(database, site)
        view = _answer(lambda: accuracy_view(session, code, SystemClock()))
    print(json.dumps(asdict(view)) if as_json else _in_words(view))


def _in_words(view: AccuracyView) -> str:
    lines = ["No sample was drawn yet, so nothing is proven." if view.sample is None else view.sample.sentence]
    if view.sample is not None:
        lines += [
            f"Drawn at random, class {each.abc}: {each.right} of {each.checked} records right, "
            f"{each.within_tolerance} within tolerance."
            for each in view.sample.by_class
        ]
    lines += [
        f"Counts by {each.trigger}, class {each.abc}: {each.right} of {each.checked} records right, "
        f"{each.within_tolerance} within tolerance."
        for each in view.triggered
    ]
    lines += [
        f"Not trusted: {f'zone {each.zone}' if each.zone else 'the whole site'} ({each.reason}), "
        f"{each.num_left} of {each.num_bins} bins left to count."
        for each in view.untrusted
    ]
    return "\n".join([*lines, f"{view.counts_due} bins are due."])


@contextmanager
def _database() -> Iterator[Database]:
    with Database.open(Settings().database) as database:
        database.migrate(metadata)
        yield database


def _site(database: Database, site: str | None) -> str:
    """The site named, or the only one."""
    if site is not None:
        return site
    with database.read() as session:
        return _answer(lambda: only_site(session))


def _answer(question: Callable[[], AnswerT]) -> AnswerT:
    """The answer; figures that do not go together end the command with a sentence."""
    try:
        return question()
    except (ValueError, NotFound, WrongState) as error:
        raise typer.BadParameter(str(error)) from error


def _share(option: str, text: str) -> Fraction:
    """A share as it was typed: 0.9999 is not rounded, 99.99% is the same."""
    try:
        return Fraction(text.removesuffix("%")) / (100 if text.endswith("%") else 1)
    except (ValueError, ZeroDivisionError) as error:
        raise typer.BadParameter(f"{text} is no number", param_hint=option) from error
