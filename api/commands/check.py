"""`onward check`: do the balances follow from the ledger?"""

import json
from dataclasses import asdict
from typing import Annotated

import typer

from api.schema import metadata
from api.settings import Settings
from inventory.work.checking import CheckReport
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
    print(json.dumps(_as_object(report)) if as_json else _in_words(report))
    raise typer.Exit(0 if report.ok else 1)


def _as_object(report: CheckReport) -> dict[str, object]:
    """The report with all that is wrong in one list."""
    found = asdict(report)
    return found | {"differences": [*found["differences"], *found.pop("adrift")]}


def _in_words(report: CheckReport) -> str:
    head = f"{report.movements} movements, {report.balances} balances: "
    if report.ok:
        return head + "every balance follows from the movements."
    return "\n".join(
        [
            f"{head}{len(report.differences) + len(report.adrift)} differ.",
            *(
                f"{adrift.place or 'in the house'} {adrift.product} lot {adrift.lot}: "
                f"{adrift.units} known by their serials, {adrift.quantity} on the books"
                for adrift in report.adrift
            ),
            *(
                f"{wrong.place} {wrong.product} lot {wrong.lot}: "
                f"{wrong.quantity} on the books, {wrong.quantity_from_movements} by movements; "
                f"{wrong.reserved} reserved, {wrong.reserved_from_steps} in open pick steps"
                for wrong in report.differences
            ),
        ]
    )
