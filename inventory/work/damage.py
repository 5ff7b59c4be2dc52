"""Damage is recorded, learned from, and turned into advice at the dock: what to wrap, and why.

What breaks after it came in counts: in the bin, on the way, at the pick (the ledger's movements with the reason
`damage`), and at the customer's, by his report. What arrives broken does not: it is the supplier's, and wrapping it
here would have saved nothing. A lot counts as wrapped if every unit of it was wrapped when it came in; what was said
last of that counts.

Learning reads the whole ledger, so it is done once a night or when somebody asks; a scan at the dock reads what was
learned. The rates are of all sites together, what wrapping costs is each site's own.
"""

from collections import Counter
from dataclasses import dataclass

from sqlalchemy import case, delete, func, insert, literal, select
from sqlmodel import Session, col

from inventory.rules.damage import Advice, Belief, Beliefs, Seen, advise, learn
from inventory.tables.damage import DamageBeliefRow, DamageReportRow, DamageSeenRow
from inventory.tables.inbound import ReceivedRow, WrappingSaidRow
from inventory.tables.products import ProductRow
from inventory.tables.stock import MovementRow, Reason
from inventory.work.cataloguing import lots_named, product_of_scan
from inventory.work.sites import live_site
from inventory.work.stock_policies import stock_policy
from warehouse.clock import Clock

MOVEMENT = MovementRow.metadata.tables["movement"]
RECEIVED = ReceivedRow.metadata.tables["received"]
SAID = WrappingSaidRow.metadata.tables["wrapping_said"]
REPORT = DamageReportRow.metadata.tables["damage_report"]
SEEN = DamageSeenRow.metadata.tables["damage_seen"]
BELIEF = DamageBeliefRow.metadata.tables["damage_belief"]

ON_ARRIVAL = "damaged-on-arrival"
"""The cause of damage that the supplier sent."""

FIGURES = ("units", "broken", "wrapped_units", "wrapped_broken")
"""What is counted of each product."""

ALL_GOODS = "*"
"""Stands for all categories together where beliefs are kept."""

NUM_LISTED = 500
"""Products in the list of advice: those with most to gain or to lose come first."""


@dataclass(frozen=True)
class ReportDamage:
    """A customer got broken units of a product; the lot and the order as far as they are known."""

    product: str
    quantity: int
    user: str
    lot: str | None = None
    order: str = ""
    note: str = ""
    client_id: str = ""


@dataclass(frozen=True)
class DamageReported:
    """The product that was meant, by its code."""

    product: str
    quantity: int


@dataclass(frozen=True)
class LearnDamage:
    """Learn from all damage there is."""

    client_id: str = ""


@dataclass(frozen=True)
class DamageLearned:
    """Of how many products there is experience, and what it says over all."""

    num_products: int
    units: int
    broken: int
    wrapped_units: int
    wrapped_broken: int


@dataclass(frozen=True)
class ProductAdvice:
    """Whether a product is to be wrapped when it comes in, and what that is founded on."""

    product: str
    name: str
    category: str
    units: int
    broken: int
    wrapped_units: int
    wrapped_broken: int
    wrap: bool
    rate: float
    rate_low: float
    rate_high: float
    pays_above: float
    probability: float
    why: str


def report_damage(session: Session, command: ReportDamage, clock: Clock) -> DamageReported:
    """Record what a customer got broken.

    Raises
    ------
    NotFound
        If the product or its lot is not known.
    ScanUnreadable
        If the product was scanned and cannot be read.
    ValueError
        If the quantity is not positive.
    """
    if command.quantity <= 0:
        raise ValueError("a report is about at least one unit")
    product = product_of_scan(session, command.product)
    assert product.id is not None
    lots = [] if command.lot is None else lots_named(session, product.id, command.lot)
    session.add(
        DamageReportRow(
            product_id=product.id,
            lot_id=lots[0].id if lots else None,
            order_number=command.order,
            quantity=command.quantity,
            note=command.note,
            user=command.user,
            at_ms=clock.now_ms(),
        )
    )
    return DamageReported(product.code, command.quantity)


def learn_damage(session: Session, command: LearnDamage, clock: Clock) -> DamageLearned:  # noqa: ARG001
    """Learn from all damage there is, and keep it for the docks."""
    seen = _by_product(session)
    codes = select(col(ProductRow.id), col(ProductRow.category)).order_by(col(ProductRow.id))
    categories = {row.id: row.category for row in session.execute(codes)}
    beliefs = learn(
        [Seen(str(each["product_id"]), categories[each["product_id"]], each["units"], each["broken"]) for each in seen]
    )
    now_ms = clock.now_ms()
    session.execute(delete(SEEN))
    session.execute(delete(BELIEF))
    if seen:
        session.execute(insert(SEEN), [each | {"learned_ms": now_ms} for each in seen])
    believed = [*beliefs.by_category.items(), (ALL_GOODS, beliefs.of_all)]
    session.execute(
        insert(BELIEF),
        [
            {"category": category, "broken": each.broken, "whole": each.whole, "learned_ms": now_ms}
            for category, each in believed
        ],
    )
    total = {name: sum(each[name] for each in seen) for name in FIGURES}
    return DamageLearned(len(seen), **total)


def _by_product(session: Session) -> list[dict[str, int]]:
    """Units that came in and units that broke, of every product, wrapped ones apart."""
    said_later = (
        select(SAID.c.wrapped)
        .where(SAID.c.delivery_id == RECEIVED.c.delivery_id, SAID.c.product_id == RECEIVED.c.product_id)
        .where(SAID.c.last_received_id >= RECEIVED.c.id)
        .order_by(SAID.c.id.desc())
        .limit(1)
        .scalar_subquery()
    )
    came = (
        select(RECEIVED.c.lot_id, func.coalesce(said_later, RECEIVED.c.wrapped).label("wrapped"))
        .where(RECEIVED.c.lot_id.is_not(None))
        .subquery()
    )
    every_unit = func.min(case((came.c.wrapped, 1), else_=0)) == 1
    wrapped = set(session.execute(select(came.c.lot_id).group_by(came.c.lot_id).having(every_unit)).scalars())
    ledger = (
        select(MOVEMENT.c.product_id, MOVEMENT.c.lot_id, MOVEMENT.c.reason, func.sum(MOVEMENT.c.quantity))
        .where(MOVEMENT.c.reason.in_([Reason.RECEIPT.value, Reason.DAMAGE.value]), MOVEMENT.c.cause != ON_ARRIVAL)
        .group_by(MOVEMENT.c.product_id, MOVEMENT.c.lot_id, MOVEMENT.c.reason)
    )
    reports = select(REPORT.c.product_id, REPORT.c.lot_id, literal(""), func.sum(REPORT.c.quantity)).group_by(
        REPORT.c.product_id, REPORT.c.lot_id
    )
    counts: Counter[tuple[int, str]] = Counter()
    for query in (ledger, reports):
        for product, lot, reason, units in session.execute(query):
            what = "units" if reason == Reason.RECEIPT else "broken"
            counts[product, f"wrapped_{what}" if lot in wrapped else what] += int(units)
    tallies = []
    for product in sorted({product for product, _ in counts}):
        tally = {"product_id": product} | {name: counts[product, name] for name in FIGURES}
        for prefix in ("", "wrapped_"):  # a careless report must not make a rate of more than all
            tally[f"{prefix}broken"] = min(tally[f"{prefix}broken"], tally[f"{prefix}units"])
        tallies.append(tally)
    return tallies


def wrapping_advice(session: Session, site_id: int, products: list[ProductRow], clock: Clock) -> dict[int, Advice]:
    """Whether to wrap products that come in at a site, by product id."""
    costs = stock_policy(session, site_id, clock).wrapping
    beliefs = _beliefs(session)
    ids = [each.id for each in products]
    seen = {row.product_id: row for row in session.execute(select(SEEN).where(SEEN.c.product_id.in_(ids)))}
    advice = {}
    for each in products:
        assert each.id is not None
        row = seen.get(each.id)
        own = Seen(each.code, each.category, row.units if row else 0, row.broken if row else 0)
        advice[each.id] = advise(own, beliefs, each.value_cents, costs)
    return advice


def _beliefs(session: Session) -> Beliefs:
    """What was learned when it was learned last; before that, what is believed of a house that has seen nothing."""
    rows = session.execute(select(BELIEF)).all()
    by_category = {row.category: Belief(row.broken, row.whole) for row in rows}
    of_all = by_category.pop(ALL_GOODS, None)
    return learn([]) if of_all is None else Beliefs(by_category, of_all)


def advice_of_site(session: Session, site: str, clock: Clock, *, wrap: bool | None = None) -> tuple[ProductAdvice, ...]:
    """The advice for every product of which there is experience, those that cost most if left alone first.

    Raises
    ------
    NotFound
        If there is no such site.
    """
    site_id = live_site(session, site).id
    query = select(ProductRow, DamageSeenRow).join(DamageSeenRow, col(DamageSeenRow.product_id) == col(ProductRow.id))
    rows = session.execute(query).all()
    advice = wrapping_advice(session, site_id, [product for product, _ in rows], clock)
    found = []
    for product, seen in rows:
        own = advice[product.id or 0]
        if wrap is None or own.wrap is wrap:
            found.append(
                ProductAdvice(
                    product.code,
                    product.name,
                    product.category,
                    seen.units,
                    seen.broken,
                    seen.wrapped_units,
                    seen.wrapped_broken,
                    own.wrap,
                    own.rate,
                    own.rate_low,
                    own.rate_high,
                    own.pays_above,
                    own.probability,
                    own.why,
                )
            )
    found.sort(key=lambda each: (each.pays_above - each.rate, each.product))
    return tuple(found[:NUM_LISTED])
