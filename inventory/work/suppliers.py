"""Suppliers, and the link by which each sees where his trucks stand in the queue.

A supplier's driver has a phone and no account, so what he gets is a link with a secret in it, which his office can
pass on. The secret is 32 random bytes made here, and only its hash is kept. A new link ends the one before. It
opens one thing: the times and places in the queue of that supplier's own deliveries.
"""

import hashlib
import secrets
from dataclasses import dataclass

from sqlalchemy import select
from sqlmodel import Session, col

from inventory.tables.inbound import SupplierRow
from warehouse.clock import Clock
from warehouse.errors import NotFound


@dataclass(frozen=True)
class SaveSupplier:
    """Add a supplier or bring him up to date; everything of one under `inspect` is held for a check."""

    code: str
    name: str
    inspect: bool = False
    client_id: str = ""


@dataclass(frozen=True)
class SupplierSaved:
    """Whether the supplier was new."""

    code: str
    is_new: bool


@dataclass(frozen=True)
class NewLink:
    """Give a supplier the link of this secret, and end the one he has."""

    supplier: str
    secret_sha256: str
    client_id: str = ""


def save_supplier(session: Session, command: SaveSupplier, clock: Clock) -> SupplierSaved:  # noqa: ARG001
    """Add a supplier or bring him up to date."""
    row = session.execute(select(SupplierRow).where(col(SupplierRow.code) == command.code)).scalar_one_or_none()
    is_new = row is None
    if row is None:
        row = SupplierRow(code=command.code, name=command.name)
    row.name, row.inspect = command.name, command.inspect
    session.add(row)
    return SupplierSaved(command.code, is_new)


def supplier_with_code(session: Session, code: str) -> SupplierRow:
    """The supplier of this code.

    Raises
    ------
    NotFound
        If there is none.
    """
    found = select(SupplierRow).where(col(SupplierRow.code) == code)
    row: SupplierRow | None = session.execute(found).scalar_one_or_none()
    if row is None:
        raise NotFound("supplier", code)
    return row


def new_secret() -> str:
    """A secret for a link: 32 random bytes, as text."""
    return secrets.token_urlsafe(32)


def hashed(secret: str) -> str:
    """What is kept of a secret."""
    return hashlib.sha256(secret.encode()).hexdigest()


def give_link(session: Session, command: NewLink, clock: Clock) -> SupplierSaved:  # noqa: ARG001
    """Give a supplier a new link.

    Raises
    ------
    NotFound
        If there is no such supplier.
    """
    row = supplier_with_code(session, command.supplier)
    row.link_sha256 = command.secret_sha256
    session.add(row)
    return SupplierSaved(row.code, is_new=False)


def supplier_of_link(session: Session, secret: str) -> SupplierRow:
    """The supplier whose link holds this secret.

    Raises
    ------
    NotFound
        If it is nobody's, or was replaced.
    """
    found = select(SupplierRow).where(col(SupplierRow.link_sha256) == hashed(secret))
    row: SupplierRow | None = session.execute(found).scalar_one_or_none()
    if row is None:
        raise NotFound("link", "like this; ask for a new one")
    return row
