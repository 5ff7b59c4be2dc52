"""Who may come in: users with their sessions, and merchants with their keys.

A sign-in costs an Argon2 hash, on purpose; every later call costs one SHA-256 and one look-up. The token
of a session is 256 random bits that only the device keeps, so a fast hash guards it well enough. Tries are
counted before the secret is looked at, in one transaction with the limit, so that a thousand tries at
once get no further than a thousand in a row.
"""

import secrets
import threading
from dataclasses import dataclass

from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher
from sqlalchemy import delete, select, update
from sqlmodel import Session, col

from api.errors import NotSignedIn, SignInFailed, TooManyTries
from api.merchant_keys import PREFIX, key_of, sha256
from api.serving import Serving
from api.tables import Role, SessionRow, SignInTallyRow, UserRow
from api.users import user_id
from warehouse.clock import Clock
from warehouse.errors import NotFound

HASHING = PasswordHash((Argon2Hasher(),))

_HASHES_AT_ONCE = threading.BoundedSemaphore(2)
"""Argon2 takes 64 MiB and whole cores: two at a time leave room for those who pick."""

_NOBODY = HASHING.hash(secrets.token_hex())
"""Compared where there is no such user, so that the answer takes as long as for a wrong PIN."""

MINUTE_MS = 60_000

NEVER_MS = 2**63 - 1
"""When a merchant's key expires: it is revoked instead."""


@dataclass(frozen=True, slots=True)
class SignedIn:
    """The user behind a call, and the session that it came with.

    With a merchant's key there is no session (0, without end), and the call is about the goods of `owner` alone.
    """

    user: str
    display_name: str
    role: Role
    session_id: int
    device: str
    expires_ms: int
    owner: str | None = None


@dataclass(frozen=True, slots=True)
class Credentials:
    """What somebody signs in with: a badge and its PIN, or a name and a password."""

    badge: str | None
    name: str | None
    secret: str
    device: str
    address: str

    @property
    def key(self) -> str:
        """What the tries are counted under."""
        return f"badge {self.badge}" if self.badge is not None else f"name {self.name}"


@dataclass(frozen=True, slots=True)
class CountTry:
    """One more try under each key, which allows so many within the window."""

    limits: tuple[tuple[str, int], ...]
    window_ms: int


def count_try(session: Session, command: CountTry, clock: Clock) -> int:
    """Count a try, or say how many ms to wait (0 if it may go ahead) and count nothing."""
    now_ms = clock.now_ms()
    tallies: list[SignInTallyRow] = []
    for key, limit in command.limits:
        tally = session.get(SignInTallyRow, key[:128])
        if tally is None or now_ms - tally.since_ms >= command.window_ms:
            if tally is not None:
                session.delete(tally)
                session.flush()
            tally = SignInTallyRow(key=key[:128], since_ms=now_ms, tries=0)
        if tally.tries >= limit:
            return tally.since_ms + command.window_ms - now_ms
        tallies.append(tally)
    for tally in tallies:
        tally.tries += 1
        session.add(tally)
    return 0


@dataclass(frozen=True, slots=True)
class OpenSession:
    """A secret was right: open a session, and forget the tries that led to it."""

    user_id: int
    token_sha256: str
    device: str
    duration_ms: int
    key: str
    key_shared: str


def open_session(session: Session, command: OpenSession, clock: Clock) -> int:
    """Write the session down; its id. Sessions that are over for a day are forgotten meanwhile."""
    now_ms = clock.now_ms()
    session.execute(delete(SessionRow).where(col(SessionRow.expires_ms) < now_ms - 24 * 60 * MINUTE_MS))
    session.execute(delete(SignInTallyRow).where(col(SignInTallyRow.key) == command.key[:128]))
    shared = session.get(SignInTallyRow, command.key_shared[:128])
    if shared is not None and shared.tries > 1:
        shared.tries -= 1
    elif shared is not None:
        session.delete(shared)
    row = SessionRow(
        token_sha256=command.token_sha256,
        user_id=command.user_id,
        device=command.device,
        created_ms=now_ms,
        expires_ms=now_ms + command.duration_ms,
    )
    session.add(row)
    session.flush()
    assert row.id is not None
    return row.id


def sign_in(serving: Serving, credentials: Credentials) -> tuple[str, SignedIn]:
    """A new token and who it stands for.

    Raises
    ------
    TooManyTries
        If this badge, name or address failed too often lately.
    SignInFailed
        If there is no such user, or the secret is not theirs.
    """
    settings = serving.settings
    key_shared = f"address {credentials.address}"
    limits = ((credentials.key, settings.sign_in_tries), (key_shared, settings.sign_in_tries_address))
    wait_ms = serving.run(count_try, CountTry(limits, settings.sign_in_wait_minutes * MINUTE_MS))
    if wait_ms:
        raise TooManyTries(-(-wait_ms // 1000))
    by_badge = credentials.badge is not None
    found = col(UserRow.badge) == credentials.badge if by_badge else col(UserRow.name) == credentials.name
    with serving.database.read() as session:
        user = session.execute(select(UserRow).where(found, col(UserRow.open))).scalar_one_or_none()
    stored = (user.pin_hash if by_badge else user.password_hash) if user is not None else None
    if not _matches(credentials.secret, stored) or user is None or user.id is None:
        raise SignInFailed
    token = secrets.token_urlsafe(32)
    duration_ms = settings.session_hours * 60 * MINUTE_MS
    session_id = serving.run(
        open_session,
        OpenSession(user.id, sha256(token), credentials.device, duration_ms, credentials.key, key_shared),
    )
    expires_ms = serving.clock.now_ms() + duration_ms
    return token, SignedIn(user.name, user.display_name, user.role, session_id, credentials.device, expires_ms)


def _matches(secret: str, stored: str | None) -> bool:
    with _HASHES_AT_ONCE:
        return HASHING.verify(secret, stored or _NOBODY) and stored is not None


def hashed(secret: str) -> str:
    """The hash of a password or PIN, for the table of users."""
    with _HASHES_AT_ONCE:
        return HASHING.hash(secret)


def signed_in(serving: Serving, token: str) -> SignedIn:
    """Who the token stands for.

    Raises
    ------
    NotSignedIn
        If there is no such session or key, it is over or revoked, or its user is closed.
    """
    if token.startswith(PREFIX):
        return _with_key(serving, token)
    statement = (
        select(
            col(UserRow.name),
            col(UserRow.display_name),
            col(UserRow.role),
            col(SessionRow.id),
            col(SessionRow.device),
            col(SessionRow.expires_ms),
        )
        .join(UserRow, col(UserRow.id) == col(SessionRow.user_id))
        .where(
            col(SessionRow.token_sha256) == sha256(token),
            col(SessionRow.revoked_ms).is_(None),
            col(SessionRow.expires_ms) > serving.clock.now_ms(),
            col(UserRow.open),
        )
    )
    with serving.database.read() as session:
        found = session.execute(statement).one_or_none()
    if found is None or found.id is None:
        raise NotSignedIn
    return SignedIn(found.name, found.display_name, Role(found.role), found.id, found.device, found.expires_ms)


def _with_key(serving: Serving, token: str) -> SignedIn:
    with serving.database.read() as session:
        key = key_of(session, token)
    if key is None:
        raise NotSignedIn
    return SignedIn(f"{key.owner}/{key.name}", key.name, Role.MERCHANT, 0, "", NEVER_MS, owner=key.owner)


@dataclass(frozen=True, slots=True)
class RevokeSessions:
    """End one session, or all of one user."""

    session_id: int | None = None
    user: str | None = None


def revoke_sessions(session: Session, command: RevokeSessions, clock: Clock) -> int:
    """End sessions at once; how many were open.

    Raises
    ------
    NotFound
        If there is no such session or user.
    """
    chosen = col(SessionRow.id) == command.session_id
    if command.user is not None:
        chosen = col(SessionRow.user_id) == user_id(session, command.user)
    elif session.get(SessionRow, command.session_id) is None:
        raise NotFound("session", command.session_id)
    ended = session.execute(
        update(SessionRow)
        .where(chosen, col(SessionRow.revoked_ms).is_(None))
        .values(revoked_ms=clock.now_ms())
        .returning(col(SessionRow.id))
    )
    return len(ended.all())
