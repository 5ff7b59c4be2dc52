"""`onward check`: do the balances follow from the ledger?"""

import json
from dataclasses import asdict
from typing import Annotated

import typer

from api.schema import metadata
from api.settings import Settings
from inventory.work.checking import CheckReport, Difference, UnitsAdrift
from inventory.work.checking import check as recompute
from warehouse.database import Database


def check(
    as_json: Annotated[bool, typer.Option("--json", help="print the result as one JSON object")] = False,
) -> None:
    """Add up all movements again and compare with what is on the books; exits with 1 on any difference."""
    with Database.open(Settings().database) as database:
        database.migrate(metadata)
        with database.read() as session:
            report = recompute(session)
    print(json.dumps(asdict(report)) if as_json else _in_words(report))
    raise typer.Exit(0 if report.ok else 1)


def _in_words(report: CheckReport) -> str:
    head = f"{report.movements} movements, {report.balances} balances: "
    if report.ok:
        return head + "every balance follows from the movements."
    return "\n".join([f"{head}{len(report.differences)} differ.", *map(_wrong_in_words, report.differences)])


def _wrong_in_words(wrong: Difference | UnitsAdrift) -> str:
    where = f"{wrong.place or 'in the house'} {wrong.product} lot {wrong.lot}"
    if isinstance(wrong, UnitsAdrift):
        return f"{where}: {wrong.units} known by their serials, {wrong.quantity} on the books"
    return (
        f"{where}: {wrong.quantity} on the books, {wrong.quantity_from_movements} by movements; "
        f"{wrong.reserved} reserved, {wrong.reserved_from_steps} in open pick steps"
    )
