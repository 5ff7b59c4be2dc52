"""`onward stock`: where goods are, and the way out for those that may not be sold."""

import json
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Annotated

import typer
from sqlalchemy import select
from sqlmodel import col

from api.access import CONTROL
from api.errors import problem
from api.schema import metadata
from api.settings import Settings
from api.tables import UserRow
from inventory.rules.stock_policy import StockStatus
from inventory.tables.products import HOUSE
from inventory.work.disposing import Dispose, WayOut, dispose
from inventory.work.excursion_views import LotExcursion
from inventory.work.locating import Whereabouts, where_is
from warehouse.clock import SystemClock
from warehouse.database import Database
from warehouse.errors import NotFound, OnwardError, ScanUnreadable
from warehouse.scans import with_gs

app = typer.Typer(no_args_is_help=True, help="Where goods are, and letting go of what may not be sold.")


@app.callback()
def stock() -> None:
    """Where goods are, and letting go of what may not be sold."""


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
    for line in sorted({_went_through(units, each) for units in found for each in units.excursions}):
        print(line)
    print(f"{sum(each.quantity for each in found)} units in {len(found)} places")


def _in_words(units: Whereabouts) -> str:
    until = f", expires {units.expires_on}" if units.expires_on else ""
    promised = f", {units.reserved} promised" if units.reserved else ""
    whose = f", owner {units.owner}" if units.owner != HOUSE else ""
    serial = f", serial {units.serial}" if units.serial else ""
    order = f" for order {units.order}" if units.order else ""
    about = f"{units.product} lot {units.lot}{until}{serial}, {units.status}{promised}{order}{whose}"
    return f"{units.site} {units.place}: {units.quantity} of {about}"


def _went_through(units: Whereabouts, excursion: LotExcursion) -> str:
    began = datetime.fromtimestamp(excursion.began_ms / 1000, tz=UTC)
    lasts = ", still lasting" if excursion.ended_ms is None else ""
    where = f"{excursion.site} zone {excursion.zone} from {began:%Y-%m-%d %H:%M} UTC{lasts}"
    whose = f", owner {excursion.owner}" if excursion.owner != HOUSE else ""
    about = f"{units.product} lot {units.lot}{whose}"
    return f"on record: {excursion.quantity} of {about} at {where}: {excursion.what}; measured {excursion.measured}"


@app.command(name="dispose")
def dispose_of(
    site: Annotated[str, typer.Option(help="code of the site")],
    status: Annotated[StockStatus, typer.Option(help="what the goods are now; not available")],
    way_out: Annotated[WayOut, typer.Option(help="what becomes of them")],
    cause: Annotated[str, typer.Option(help="of the site's list")],
    user: Annotated[str, typer.Option(help="name of the manager who has decided it")],
    place: Annotated[str | None, typer.Option(help="bin, tote or station [default: all]")] = None,
    product: Annotated[str | None, typer.Option(help="code or barcode [default: all]")] = None,
    lot: Annotated[str | None, typer.Option(help="code of the lot [default: all]")] = None,
    owner: Annotated[str | None, typer.Option(help="only this owner's goods [default: everybody's]")] = None,
    quantity: Annotated[int | None, typer.Option(min=1, help="of one product in one place [default: all]")] = None,
    serial: Annotated[list[str] | None, typer.Option(help="of a unit of one product in one place")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="print the result as one JSON object")] = False,
) -> None:
    """Let goods that may not be sold leave the house: destroyed, given away, back to the supplier or to their owner."""
    if (quantity is not None or serial) and (place is None or product is None):
        raise typer.BadParameter("a quantity or serials need the place and the product that they are of")
    command = Dispose(
        site=site,
        status=status,
        way_out=way_out,
        cause=cause,
        user=user,
        place=place,
        product=product,
        lot=lot,
        owner=owner,
        quantity=quantity,
        serials=tuple(serial or ()),
    )
    with Database.open(Settings().database) as database:
        database.migrate(metadata)
        with database.read() as session:
            role = session.execute(select(col(UserRow.role)).where(col(UserRow.name) == user)).scalar_one_or_none()
        if role not in CONTROL:
            raise typer.BadParameter(f"{user} is no manager")
        try:
            gone = database.run(dispose, command, clock=SystemClock())
        except OnwardError as error:
            raise typer.BadParameter(problem(error)["detail"]) from error
    if as_json:
        print(json.dumps(asdict(gone)))
        return
    for each in gone.gone:
        print(f"{each.place}: {each.quantity} of {each.product} lot {each.lot}, owner {each.owner}")
    for each in gone.serials_needed:
        print(f"{each.place}: {each.quantity} of {each.product} lot {each.lot} stay until their serials are named")
    print(f"{gone.quantity} units are out of the house")
