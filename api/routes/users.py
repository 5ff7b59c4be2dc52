"""Users and their sessions, for administrators.

These calls name the state they want and may be repeated, so they need no client id; and one would keep a
fast hash of a secret in the table of answered commands.
"""

from typing import Annotated

from fastapi import APIRouter, Path
from pydantic import BaseModel, Field
from sqlalchemy import select
from sqlmodel import col

from api.access import GuardedRoute
from api.auth import RevokeSessions, hashed, revoke_sessions
from api.errors import responses
from api.serving import ServingNow
from api.tables import Role, SessionRow, UserRow
from api.users import BADGE_PATTERN, PASSWORD_LENGTH_MIN, PIN_PATTERN, SaveUser, User, list_users, save_user
from api.wire import Body
from warehouse.errors import NotFound, WrongState

router = APIRouter(prefix="/api/v1", tags=["users"], route_class=GuardedRoute)

Name = Annotated[str, Path(min_length=2, max_length=64, pattern=r"^[a-z0-9][a-z0-9._-]*$", examples=["anna"])]


class UserBody(Body):
    """What to save of a user. A PIN or password left out stays as it is."""

    display_name: str = Field(min_length=1, max_length=100, examples=["Anna"])
    role: Role = Field(examples=["picker"])
    badge: str | None = Field(default=None, max_length=64, pattern=f"^{BADGE_PATTERN}$", examples=["U-7KQ2M9XATB"])
    pin: str | None = Field(default=None, pattern=f"^{PIN_PATTERN}$", examples=["2580"])
    password: str | None = Field(default=None, min_length=PASSWORD_LENGTH_MIN, max_length=256)
    open: bool = Field(default=True, description="false: may no longer sign in, and open sessions end")


class Session(BaseModel):
    """A session that is open."""

    session: int
    user: str
    device: str
    created_ms: int
    expires_ms: int


class Revoked(BaseModel):
    """How many sessions were ended."""

    num_revoked: int = Field(examples=[1])


@router.get("/users")
def get_users(serving: ServingNow) -> list[User]:
    """All users."""
    with serving.database.read() as session:
        return list_users(session)


@router.put("/users/{name}", responses=responses(WrongState))
def put_user(name: Name, body: UserBody, serving: ServingNow) -> User:
    """Make a user or change one."""
    command = SaveUser(
        name=name,
        display_name=body.display_name,
        role=body.role,
        badge=body.badge,
        pin_hash=None if body.pin is None else hashed(body.pin),
        password_hash=None if body.password is None else hashed(body.password),
        open=body.open,
    )
    return serving.run(save_user, command)


@router.post("/users/{name}/revoke", responses=responses(NotFound))
def post_revoke_user(name: Name, serving: ServingNow) -> Revoked:
    """End all sessions of a user, at once: a lost device, a changed PIN."""
    return Revoked(num_revoked=serving.run(revoke_sessions, RevokeSessions(user=name)))


@router.get("/sessions")
def get_sessions(serving: ServingNow) -> list[Session]:
    """The sessions that are open."""
    statement = (
        select(
            col(SessionRow.id),
            col(UserRow.name),
            col(SessionRow.device),
            col(SessionRow.created_ms),
            col(SessionRow.expires_ms),
        )
        .join(UserRow, col(UserRow.id) == col(SessionRow.user_id))
        .where(col(SessionRow.revoked_ms).is_(None), col(SessionRow.expires_ms) > serving.clock.now_ms())
        .order_by(col(SessionRow.id))
    )
    with serving.database.read() as session:
        return [
            Session(session=id_, user=user, device=device, created_ms=created_ms, expires_ms=expires_ms)
            for id_, user, device, created_ms, expires_ms in session.execute(statement)
        ]


@router.post("/sessions/{session}/revoke", responses=responses(NotFound))
def post_revoke_session(session: int, serving: ServingNow) -> Revoked:
    """End one session at once."""
    return Revoked(num_revoked=serving.run(revoke_sessions, RevokeSessions(session_id=session)))
