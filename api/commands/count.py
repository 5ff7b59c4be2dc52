"""`onward count`: how right the records are, and how many checks prove it."""

import json
from collections.abc import Callable
from fractions import Fraction
from typing import Annotated, TypeVar

import typer

from inventory.rules.accuracy import CONFIDENCE, accuracy_at_least, accuracy_at_least_always, checks_needed

app = typer.Typer(no_args_is_help=True, help="Count stock, and prove how right the records are.")

AnswerT = TypeVar("AnswerT")

Errors = Annotated[int, typer.Option(min=0, metavar="K", help="of them wrong, those corrected since too")]
Population = Annotated[int | None, typer.Option(min=1, metavar="M", help="records of the site [default: no end]")]
Confidence = Annotated[float, typer.Option(metavar="C", help="one-sided")]
Target = Annotated[str, typer.Option(metavar="T", help="share of right records to be proven, such as 0.9999")]
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


def _answer(question: Callable[[], AnswerT]) -> AnswerT:
    """The answer; figures that do not go together end the command with a sentence."""
    try:
        return question()
    except ValueError as error:
        raise typer.BadParameter(str(error)) from error


def _share(option: str, text: str) -> Fraction:
    """A share as it was typed: 0.9999 is not rounded, 99.99% is the same."""
    try:
        return Fraction(text.removesuffix("%")) / (100 if text.endswith("%") else 1)
    except (ValueError, ZeroDivisionError) as error:
        raise typer.BadParameter(f"{text} is no number", param_hint=option) from error
