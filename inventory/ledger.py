"""The ledger: movements are written, balances follow, and stock is promised to orders.

A movement says that so many units of a lot went from one place to another. Movements are only ever
added; a mistake is put right by another movement. What lies in a place inside the house follows from
them, and is kept beside them in `balance` so that nobody has to add up the past. Three rules:

- A balance never goes below zero, at no movement of a batch. A place without a row holds nothing: a
  balance that reaches zero is removed, or random storage would leave millions of empty ones behind.
- `reserved` is the part of a balance that open pick steps will take. A movement with the reason PICK
  takes reserved units; every other movement takes only units that are free.
- Places outside the house (supplier, customer, adjustment) have no balance and never run short.

On PostgreSQL the balances of a batch are locked in the order of place, product, lot, so that two
batches never wait for each other in a circle.
"""

import functools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple, TypeVar

from sqlalchemy import Insert, Select, bindparam, delete, func, insert, select, tuple_, union_all, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session

from inventory.tables.products import ProductRow
from inventory.tables.stock import BalanceRow, MovementRow, Reason
from warehouse.clock import Clock
from warehouse.errors import NotFound, StockShort
from warehouse.tables import OUTSIDE, PlaceRow

MOVEMENT = MovementRow.metadata.tables["movement"]
BALANCE = BalanceRow.metadata.tables["balance"]
PLACE = PlaceRow.metadata.tables["place"]
PRODUCT = ProductRow.metadata.tables["product"]

KEY = (BALANCE.c.place_id, BALANCE.c.product_id, BALANCE.c.lot_id)
IS_KEY = tuple(column == bindparam(f"key_{column.name}") for column in KEY)

REMOVE = delete(BALANCE).where(*IS_KEY)
CHANGE = (
    update(BALANCE)
    .where(*IS_KEY)
    .values(
        quantity=BALANCE.c.quantity + bindparam("change"),
        reserved=BALANCE.c.reserved + bindparam("change_reserved"),
    )
)
"""Changes are added to what is there, so that the CHECKs judge what is really there."""

KIND_OF = select(PLACE.c.id, PLACE.c.kind).where(PLACE.c.id.in_(bindparam("places", expanding=True)))
LOCKED = select(BALANCE).where(tuple_(*KEY).in_(bindparam("keys", expanding=True))).order_by(*KEY).with_for_update()

NUM_KEYS_A_QUERY = 500
"""Three values a key: well within what either database takes as parameters of one query."""

KeyT = TypeVar("KeyT")


class BalanceKey(NamedTuple):
    """Which balance: keys sort in the order in which balances are locked."""

    place_id: int
    product_id: int
    lot_id: int


@dataclass(frozen=True, slots=True)
class NewMovement:
    """A movement to be written: `quantity` units of a lot go from one place to another.

    Raises
    ------
    ValueError
        If nothing moves, or it goes nowhere.
    """

    site_id: int
    from_place_id: int
    to_place_id: int
    product_id: int
    lot_id: int
    quantity: int
    reason: Reason
    user: str
    device: str = ""
    client_id: str = ""
    order_line_id: int | None = None
    cause: str = ""

    def __post_init__(self) -> None:
        if self.quantity <= 0:
            raise ValueError(f"a movement moves something, not {self.quantity}")
        if self.from_place_id == self.to_place_id:
            raise ValueError(f"a movement goes from one place to another, not from {self.from_place_id} to itself")

    @property
    def taken_from(self) -> BalanceKey:
        """The balance that becomes less."""
        return BalanceKey(self.from_place_id, self.product_id, self.lot_id)

    @property
    def added_to(self) -> BalanceKey:
        """The balance that becomes more."""
        return BalanceKey(self.to_place_id, self.product_id, self.lot_id)


@dataclass(frozen=True, slots=True)
class Reservation:
    """So many units of a lot in one place, promised to an order.

    Raises
    ------
    ValueError
        If nothing is promised.
    """

    place_id: int
    product_id: int
    lot_id: int
    quantity: int

    def __post_init__(self) -> None:
        if self.quantity <= 0:
            raise ValueError(f"a reservation holds something, not {self.quantity}")

    @property
    def key(self) -> BalanceKey:
        """The balance it is part of."""
        return BalanceKey(self.place_id, self.product_id, self.lot_id)


@dataclass(slots=True)
class _Balance:
    """A balance as it was read, and as it will be written."""

    quantity: int = 0
    reserved: int = 0
    quantity_before: int = 0
    reserved_before: int = 0


def post(session: Session, movements: Sequence[NewMovement], *, clock: Clock) -> None:
    """Write movements, in their order, and the balances that follow from them.

    Parameters
    ----------
    movements
        One for a scan, or tens of thousands for a truck; they count as one after the other, so a later
        one may take what an earlier one brought.
    clock
        Gives the time written on them.

    Raises
    ------
    StockShort
        If a place holds less than is taken: for a pick less reserved, for others less free stock.
    NotFound
        If a place does not exist.
    """
    if not movements:
        return
    session.flush()
    inside = _inside(session, {place for m in movements for place in (m.from_place_id, m.to_place_id)})
    keys = {m.taken_from for m in movements if inside[m.from_place_id]}
    keys |= {m.added_to for m in movements if inside[m.to_place_id]}
    balances = _lock(session, keys)
    for movement in movements:
        if inside[movement.from_place_id]:
            _take(session, balances[movement.taken_from], movement)
        if inside[movement.to_place_id]:
            balances[movement.added_to].quantity += movement.quantity
    at_ms = clock.now_ms()
    session.execute(insert(MOVEMENT), [_as_row(movement, at_ms) for movement in movements])
    _write(session, balances)


def reserve(session: Session, reservations: Sequence[Reservation]) -> None:
    """Promise free stock to orders.

    Raises
    ------
    StockShort
        If less is free than is to be reserved.
    """
    balances = _lock(session, {reservation.key for reservation in reservations})
    for reservation in reservations:
        balance = balances[reservation.key]
        free = balance.quantity - balance.reserved
        if free < reservation.quantity:
            raise _short(session, reservation.key, reservation.quantity, free)
        balance.reserved += reservation.quantity
    _write(session, balances)


def unreserve(session: Session, reservations: Sequence[Reservation]) -> None:
    """Take promises back: the stock is free again.

    Raises
    ------
    StockShort
        If less is reserved than is to be taken back.
    """
    balances = _lock(session, {reservation.key for reservation in reservations})
    for reservation in reservations:
        balance = balances[reservation.key]
        if balance.reserved < reservation.quantity:
            raise _short(session, reservation.key, reservation.quantity, balance.reserved)
        balance.reserved -= reservation.quantity
    _write(session, balances)


def derived_balances() -> Select[tuple[int, int, int, int]]:
    """The query that adds up all movements: `place_id`, `product_id`, `lot_id`, `quantity` where not zero."""
    lot = (MOVEMENT.c.product_id, MOVEMENT.c.lot_id)
    changes = union_all(
        select(MOVEMENT.c.to_place_id.label("place_id"), *lot, MOVEMENT.c.quantity.label("change")),
        select(MOVEMENT.c.from_place_id, *lot, -MOVEMENT.c.quantity),
    ).subquery()
    key = (changes.c.place_id, changes.c.product_id, changes.c.lot_id)
    total = func.sum(changes.c.change)
    return (
        select(*key, total.label("quantity"))
        .join_from(changes, PLACE, PLACE.c.id == changes.c.place_id)
        .where(PLACE.c.kind.not_in(sorted(OUTSIDE)))
        .group_by(*key)
        .having(total != 0)
    )


def balances_from_movements(session: Session) -> dict[BalanceKey, int]:
    """What lies where according to the movements alone."""
    return {BalanceKey(*row[:3]): int(row[3]) for row in session.execute(derived_balances())}


def _take(session: Session, balance: _Balance, movement: NewMovement) -> None:
    """Take a movement's units out of the balance it comes from."""
    picked = movement.reason is Reason.PICK
    there = balance.reserved if picked else balance.quantity - balance.reserved
    if there < movement.quantity:
        raise _short(session, movement.taken_from, movement.quantity, there)
    balance.quantity -= movement.quantity
    if picked:
        balance.reserved -= movement.quantity


def _as_row(movement: NewMovement, at_ms: int) -> dict[str, object]:
    return {
        "site_id": movement.site_id,
        "at_ms": at_ms,
        "from_place_id": movement.from_place_id,
        "to_place_id": movement.to_place_id,
        "product_id": movement.product_id,
        "lot_id": movement.lot_id,
        "quantity": movement.quantity,
        "reason": movement.reason.value,
        "user": movement.user,
        "device": movement.device,
        "client_id": movement.client_id,
        "order_line_id": movement.order_line_id,
        "cause": movement.cause,
    }


def _inside(session: Session, place_ids: set[int]) -> dict[int, bool]:
    """Of each place, whether it is inside the house and so has balances."""
    inside: dict[int, bool] = {}
    for some in _portions(sorted(place_ids)):
        rows = session.execute(KIND_OF, {"places": some})
        inside.update((place_id, kind not in OUTSIDE) for place_id, kind in rows)
    missing = place_ids - inside.keys()
    if missing:
        raise NotFound("place", min(missing))
    return inside


def _lock(session: Session, keys: set[BalanceKey]) -> dict[BalanceKey, _Balance]:
    """Read balances, locked in the order of their keys; one without a row is zero."""
    ordered = sorted(keys)
    balances = {key: _Balance() for key in ordered}
    for some in _portions(ordered):
        for place_id, product_id, lot_id, quantity, reserved in session.execute(LOCKED, {"keys": some}):
            key = BalanceKey(place_id, product_id, lot_id)
            balances[key] = _Balance(quantity, reserved, quantity, reserved)
    return balances


def _write(session: Session, balances: dict[BalanceKey, _Balance]) -> None:
    """Write the balances that have changed."""
    added: list[dict[str, int]] = []
    changed: list[dict[str, int]] = []
    emptied: list[dict[str, int]] = []
    for key, balance in balances.items():
        change = balance.quantity - balance.quantity_before
        change_reserved = balance.reserved - balance.reserved_before
        named = {"key_place_id": key.place_id, "key_product_id": key.product_id, "key_lot_id": key.lot_id}
        if change == 0 and change_reserved == 0:
            continue
        if balance.quantity_before == 0:
            added.append(key._asdict() | {"quantity": balance.quantity, "reserved": balance.reserved})
        elif balance.quantity == 0:
            emptied.append(named)
        else:
            changed.append(named | {"change": change, "change_reserved": change_reserved})
    add = _add(session.get_bind().dialect.name)
    for statement, rows in ((REMOVE, emptied), (CHANGE, changed), (add, added)):
        if rows:
            session.execute(statement, rows)
    for row in session.identity_map.values():
        if isinstance(row, BalanceRow):
            session.expire(row)


@functools.cache
def _add(dialect: str) -> Insert:
    """Put a balance there, on top of one that another transaction has just put there."""
    add = postgresql.insert(BALANCE) if dialect == "postgresql" else sqlite.insert(BALANCE)
    on_top = {name: BALANCE.c[name] + add.excluded[name] for name in ("quantity", "reserved")}
    return add.on_conflict_do_update(index_elements=KEY, set_=on_top)


def _portions(keys: list[KeyT]) -> Iterator[list[KeyT]]:
    for start in range(0, len(keys), NUM_KEYS_A_QUERY):
        yield keys[start : start + NUM_KEYS_A_QUERY]


def _short(session: Session, key: BalanceKey, quantity_asked: int, quantity_there: int) -> StockShort:
    """The refusal, with the codes of product and place that a person knows."""
    product = session.scalar(select(PRODUCT.c.code).where(PRODUCT.c.id == key.product_id))
    place = session.scalar(select(PLACE.c.code).where(PLACE.c.id == key.place_id))
    return StockShort(str(product), str(place), quantity_asked, quantity_there)
