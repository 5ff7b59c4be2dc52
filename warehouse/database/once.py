"""Carry out a command once, however often it is sent.

The client's id, made on the device, is the key. The row that remembers the answer commits together with
the effect: there is no moment at which one is on disk and the other is not.
"""

import functools
import hashlib
import json
import typing
from collections.abc import Callable
from typing import Any, TypeVar

from pydantic import TypeAdapter
from sqlalchemy import insert, select
from sqlmodel import Session

from warehouse.clock import Clock
from warehouse.errors import AlreadyAnswered
from warehouse.tables import CommandRow

CommandT = TypeVar("CommandT")
AnswerT = TypeVar("AnswerT")

COMMAND = CommandRow.metadata.tables["command"]
CLIENT_ID_LENGTH_MAX = 64


def once(
    session: Session, work: Callable[[Session, CommandT, Clock], AnswerT], command: CommandT, clock: Clock
) -> AnswerT:
    """Carry out `command` unless its client id was answered before; answer the same either way.

    Raises
    ------
    AlreadyAnswered
        If the client id was used before with other content.
    ValueError
        If the client id is longer than 64 characters.
    """
    client_id: str = getattr(command, "client_id", "") or ""
    if not client_id:
        return work(session, command, clock)
    if len(client_id) > CLIENT_ID_LENGTH_MAX:
        raise ValueError(f"a client id has at most {CLIENT_ID_LENGTH_MAX} characters, not {len(client_id)}")
    answers: TypeAdapter[AnswerT] = _answers_of(work)
    kind = type(command).__name__
    fingerprint = _fingerprint(kind, command)
    stored = session.execute(
        select(COMMAND.c.fingerprint, COMMAND.c.answer).where(COMMAND.c.client_id == client_id)
    ).first()
    if stored is not None:
        if stored.fingerprint != fingerprint:
            raise AlreadyAnswered(client_id)
        return answers.validate_json(stored.answer)
    answer = work(session, command, clock)
    session.execute(
        insert(COMMAND).values(
            client_id=client_id,
            kind=kind,
            fingerprint=fingerprint,
            answer=answers.dump_json(answer).decode(),
            at_ms=clock.now_ms(),
        )
    )
    return answer


def was_answered(session: Session, client_id: str) -> bool:
    """Whether a command with this client id has been carried out."""
    stored = select(COMMAND.c.client_id).where(COMMAND.c.client_id == client_id)
    return bool(client_id) and session.execute(stored).first() is not None


@functools.cache
def _answers_of(work: Callable[..., Any]) -> TypeAdapter[Any]:
    """How the answers of a work function are written down and read again."""
    return TypeAdapter(typing.get_type_hints(work)["return"])


@functools.cache
def _commands_of(kind: Any) -> TypeAdapter[Any]:
    return TypeAdapter(kind)


def _fingerprint(kind: str, command: Any) -> str:
    """What a command says, in 64 characters: equal exactly if kind and content are."""
    content_class: Any = type(command)
    content = _commands_of(content_class).dump_python(command, mode="json")
    said = json.dumps([kind, content], sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(said.encode()).hexdigest()
