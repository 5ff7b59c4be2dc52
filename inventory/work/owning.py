"""Whose goods there are: the house, and the merchants that store here.

The owner is part of what a lot is. So balances, movements, ages and alerts are by owner through their lot, two
owners' units never share a record, and an order is served from the lots of its owner alone.
"""

from dataclasses import dataclass

from sqlalchemy import select
from sqlmodel import Session, col

from inventory.tables.products import HOUSE, OwnerRow
from warehouse.clock import Clock
from warehouse.errors import NotFound, WrongState


@dataclass(frozen=True)
class SaveOwner:
    """Add a merchant, or change the name of one."""

    code: str
    name: str
    client_id: str = ""


@dataclass(frozen=True)
class Owner:
    """The house or a merchant."""

    code: str
    name: str


def save_owner(session: Session, command: SaveOwner, clock: Clock) -> Owner:
    """Add a merchant, or change the name of one.

    Raises
    ------
    WrongState
        If it is the house.
    """
    if command.code == HOUSE:
        raise WrongState("owner", HOUSE, "the house itself")
    row = session.get(OwnerRow, command.code) or OwnerRow(code=command.code, name="", created_ms=clock.now_ms())
    row.name = command.name
    session.add(row)
    return Owner(row.code, row.name)


def list_owners(session: Session) -> tuple[Owner, ...]:
    """All owners, by code."""
    query = select(col(OwnerRow.code), col(OwnerRow.name)).order_by(col(OwnerRow.code))
    return tuple(Owner(code, name) for code, name in session.execute(query))


def require_owner(session: Session, code: str) -> None:
    """Raise NotFound unless there is such an owner."""
    if session.get(OwnerRow, code) is None:
        raise NotFound("owner", code)
