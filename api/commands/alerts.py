"""`onward alerts`: what comes near its expiry."""

import json
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Annotated, Any

import typer
from sqlalchemy import select
from sqlmodel import col

from api.schema import metadata
from api.settings import Settings
from inventory.work.consolidation_alerts import ConsolidationAlertView, LookAtBins, consolidation_alerts, look_at_bins
from inventory.work.excursion_views import ExcursionView, excursions
from inventory.work.shelf_life_alerts import AlertView, RaiseAlerts, raise_alerts
from inventory.work.shelf_life_alerts import alerts as alerts_of
from warehouse.clock import SystemClock
from warehouse.database import Database
from warehouse.errors import NotFound
from warehouse.tables import SiteRow

SWEEPER = "onward alerts"
"""Who withholds what is expired, on the movements."""


def alerts(
    site: Annotated[str | None, typer.Option(help="code of the site [default: all]")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="print the result as one JSON object")] = False,
) -> None:
    """Raise the alerts that are due, withhold what is expired, and list what nobody has acknowledged.

    Excursions are listed too, where zones were too warm, too cold or too damp, and piles of nearly empty bins.
    """
    clock = SystemClock()
    with Database.open(Settings().database) as database:
        database.migrate(metadata)
        with database.read() as session:
            codes = (
                [site]
                if site
                else list(session.execute(select(col(SiteRow.code)).order_by(col(SiteRow.code))).scalars())
            )
        raised = 0
        withheld: list[dict[str, Any]] = []
        found: list[AlertView] = []
        climate: list[tuple[str, ExcursionView]] = []
        piles: list[tuple[str, ConsolidationAlertView]] = []
        for code in codes:
            try:
                swept = raise_alerts(database, RaiseAlerts(code, SWEEPER), clock)
            except NotFound as error:
                raise typer.BadParameter(str(error)) from error
            raised += swept.num_raised + look_at_bins(database, LookAtBins(code), clock).raised
            withheld += [{"site": code} | asdict(each) for each in swept.withheld]
            with database.read() as session:
                found += alerts_of(session, code, clock, acknowledged=False)
                climate += [(code, each) for each in excursions(session, code, acknowledged=False)]
                piles += [(code, each) for each in consolidation_alerts(session, code, acknowledged=False)]
    if as_json:
        listed = [asdict(each) for each in found]
        left = [{"site": code} | asdict(each) for code, each in climate]
        told = {"raised": raised, "withheld": withheld, "alerts": listed, "excursions": left}
        told["consolidation"] = [{"site": code} | asdict(each) for code, each in piles]
        print(json.dumps(told, default=str))
        return
    for each in found:
        print(_in_words(each))
    for code, excursion in climate:
        print(_of_climate(code, excursion))
    for code, pile in piles:
        print(f"{code}: {pile.num_nearly_empty} of {pile.num_used} bins in use are nearly empty")
    print(
        f"{len(found) + len(piles)} alerts, {raised} of them new; {len(withheld)} lots withheld; "
        f"{len(climate)} excursions that nobody has acknowledged"
    )


def _in_words(alert: AlertView) -> str:
    about = f"{alert.quantity} of {alert.product} lot {alert.lot}"
    return f"{alert.site}: {about} expire {alert.expires_on}, in {alert.days_left} days ({alert.value_cents / 100:.2f})"


def _of_climate(site: str, excursion: ExcursionView) -> str:
    began = datetime.fromtimestamp(excursion.began_ms / 1000, tz=UTC)
    lasts = ", still lasting" if excursion.ended_ms is None else ""
    units = sum(each.quantity for each in excursion.lots)
    since = f"{began:%Y-%m-%d %H:%M} UTC{lasts}"
    what = f"{excursion.what}; measured {excursion.measured}"
    return f"{site}: zone {excursion.zone} from {since}: {what}; {units} units touched"
