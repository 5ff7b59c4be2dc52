"""`onward stock`: where goods are."""

import json
from dataclasses import asdict
from typing import Annotated

import typer

from api.schema import metadata
from api.settings import Settings
from inventory.tables.products import HOUSE
from inventory.work.locating import Whereabouts, where_is
from warehouse.database import Database
from warehouse.errors import NotFound, ScanUnreadable
from warehouse.scans import with_gs

app = typer.Typer(no_args_is_help=True, help="Where goods are.")


@app.callback()
def stock() -> None:
    """Where goods are."""


@app.command()
def where(
    code: Annotated[
        str, typer.Argument(metavar="PRODUCT|LOT|SERIAL", help="code, barcode or GS1 scan; or code of a lot, or serial")
    ],
    owner: Annotated[str | None, typer.Option(help="only this owner's goods [default: everybody's]")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="print the result as one JSON object")] = False,
) -> None:
    """Tell where all units of a product or a lot are, or the one unit of a serial, over all sites."""
    settings = Settings()
    with Database.open(settings.database) as database:
        database.migrate(metadata)
        with database.read() as session:
            try:
                found = where_is(session, with_gs(code, settings.scan_separator), owner=owner)
            except (NotFound, ScanUnreadable) as error:
                raise typer.BadParameter(str(error)) from error
    if as_json:
        units = [asdict(each) for each in found]
        print(json.dumps({"code": code, "quantity": sum(each.quantity for each in found), "units": units}, default=str))
        return
    for each in found:
        print(_in_words(each))
    print(f"{sum(each.quantity for each in found)} units in {len(found)} places")


def _in_words(units: Whereabouts) -> str:
    until = f", expires {units.expires_on}" if units.expires_on else ""
    promised = f", {units.reserved} promised" if units.reserved else ""
    whose = f", owner {units.owner}" if units.owner != HOUSE else ""
    serial = f", serial {units.serial}" if units.serial else ""
    order = f" for order {units.order}" if units.order else ""
    about = f"{units.product} lot {units.lot}{until}{serial}, {units.status}{promised}{order}{whose}"
    return f"{units.site} {units.place}: {units.quantity} of {about}"
