"""`onward user`: who may sign in."""

import json
import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from api import schema
from api.auth import MINUTE_MS, OpenSession, RevokeSessions, hashed, open_session, revoke_sessions
from api.errors import ANSWERS
from api.merchant_keys import sha256
from api.settings import Settings
from api.tables import Role
from api.users import (
    BADGE_PATTERN,
    PASSWORD_LENGTH_MIN,
    PIN_PATTERN,
    SaveUser,
    find_user,
    list_users,
    new_badge,
    save_user,
    user_id,
)
from warehouse.clock import SystemClock
from warehouse.database import Database
from warehouse.errors import OnwardError

app = typer.Typer(no_args_is_help=True, help="Add and list users, end their sessions.")

Name = Annotated[str, typer.Argument(help="the name to sign in with; movements carry it for ever")]


@app.command("add")
def add(
    name: Name,
    role: Annotated[Role, typer.Option(help="what the user may do")],
    display_name: Annotated[str, typer.Option(help="what screens call the user [default: NAME]")] = "",
    badge: Annotated[str, typer.Option(help="code on a badge that is there already [default: a new one]")] = "",
    pin: Annotated[str, typer.Option(help="4 to 8 digits [default: asked for]")] = "",
    password: Annotated[str, typer.Option(help="at least 10 characters [default: asked for]")] = "",
) -> None:
    """Add a user, or change one: pickers get badge and PIN, others name and password."""
    by_badge = role is Role.PICKER
    if by_badge:
        pin = _matching(pin or typer.prompt("PIN", hide_input=True, confirmation_prompt=True), PIN_PATTERN, "--pin")
        badge = _matching(badge, BADGE_PATTERN, "--badge") if badge else new_badge()
    else:
        password = password or typer.prompt("Password", hide_input=True, confirmation_prompt=True)
        if len(password) < PASSWORD_LENGTH_MIN:
            raise typer.BadParameter(f"at least {PASSWORD_LENGTH_MIN} characters", param_hint="--password")
    with _database() as database:
        command = SaveUser(
            name=name,
            display_name=display_name or name.capitalize(),
            role=role,
            badge=badge or None,
            pin_hash=hashed(pin) if by_badge else None,
            password_hash=None if by_badge else hashed(password),
        )
        user = database.run(save_user, command, clock=SystemClock())
    print(f"{user.name} may sign in as {user.role.value}" + (f" with badge {user.badge}" if user.badge else ""))


@app.command("list")
def list_(as_json: Annotated[bool, typer.Option("--json", help="print as JSON")] = False) -> None:
    """List the users."""
    with _database() as database, database.read() as session:
        found = list_users(session)
    if as_json:
        print(
            json.dumps(
                [{"name": each.name, "role": each.role, "badge": each.badge, "open": each.open} for each in found]
            )
        )
        return
    table = Table("name", "shown as", "role", "badge", "may sign in")
    for each in found:
        table.add_row(each.name, each.display_name, each.role.value, each.badge or "-", "yes" if each.open else "no")
    Console().print(table)


@app.command("revoke")
def revoke(name: Name) -> None:
    """End all sessions of a user at once: a lost device, a changed PIN."""
    with _database() as database:
        num_revoked = database.run(revoke_sessions, RevokeSessions(user=name), clock=SystemClock())
    print(f"{num_revoked} sessions of {name} ended")


@app.command("close")
def close(name: Name) -> None:
    """Let a user sign in no more, and end the sessions that are open."""
    with _database() as database:
        with database.read() as session:
            user = find_user(session, name)
        clock = SystemClock()
        database.run(save_user, SaveUser(name, user.display_name, user.role, open=False), clock=clock)
        database.run(revoke_sessions, RevokeSessions(user=name), clock=clock)
    print(f"{name} may sign in no more")


@app.command("token")
def token(
    name: Name, days: Annotated[int, typer.Option(min=1, max=3650, help="how long it is good for")] = 365
) -> None:
    """Print a bearer token for a program, such as Prometheus; `revoke` ends it."""
    made = secrets.token_urlsafe(32)
    with _database() as database:
        with database.read() as session:
            owner = user_id(session, name)
        command = OpenSession(owner, sha256(made), "program", days * 24 * 60 * MINUTE_MS, "", "")
        database.run(open_session, command, clock=SystemClock())
    print(made)


def _matching(text: str, pattern: str, option: str) -> str:
    if re.fullmatch(pattern, text) is None:
        raise typer.BadParameter(f"{text!r} is not of the form {pattern}", param_hint=option)
    return text


@contextmanager
def _database() -> Iterator[Database]:
    """The database of the settings, up to date; refusals become one line and exit status 1."""
    try:
        with Database.open(Settings().database) as database:
            database.migrate(schema.metadata)
            yield database
    except OnwardError as error:
        typer.echo(ANSWERS[type(error)].detail(error), err=True)
        raise typer.Exit(1) from error
