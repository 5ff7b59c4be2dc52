"""How every error reads on a screen, and which HTTP status it becomes: problem documents (RFC 9457).

`ANSWERS` is the one table. A class without a line of its own does not exist: a test walks the error
tree of `warehouse/errors.py` and this module. The facts an error carries are members of the document,
so that a program need not read the sentence.

OnwardError
    NotSignedIn     the call needs a sign-in, and the session is missing, over or revoked
    SignInFailed    badge and PIN, or name and password, do not belong together
    TooManyTries    too many failed sign-ins; the next is allowed later
    NotAllowed      the user's role may not make this call
    ForeignPage     a browser sent the call from a page that is not ours
    PhotoRefused    what was sent is no photo, or too large a one
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from warehouse import errors
from warehouse.errors import OnwardError

PROBLEM_TYPE = "application/problem+json"


class NotSignedIn(OnwardError):
    """The call needs a sign-in, and the session is missing, over or revoked."""


class SignInFailed(OnwardError):
    """Badge and PIN, or name and password, do not belong together."""


class TooManyTries(OnwardError):
    """Too many failed sign-ins; the next try is allowed in `wait_s` seconds."""

    def __init__(self, wait_s: int) -> None:
        self.wait_s = wait_s
        super().__init__(f"wait {wait_s} s")


class NotAllowed(OnwardError):
    """The user has `role`; the call needs one of `roles`."""

    def __init__(self, role: str, roles: Sequence[str]) -> None:
        self.role = role
        self.roles = tuple(roles)
        super().__init__(f"{role} is not one of {', '.join(self.roles)}")


class ForeignPage(OnwardError):
    """A browser sent a changing call from `origin`, which is not one of ours."""

    def __init__(self, origin: str) -> None:
        self.origin = origin
        super().__init__(origin)


class PhotoRefused(OnwardError):
    """What was sent is no photo that a page can show, or is too large: it is `fault`."""

    def __init__(self, fault: str) -> None:
        self.fault = fault
        super().__init__(fault)


@dataclass(frozen=True, slots=True)
class Answer:
    """What an error becomes: the status, a title that never changes, and one line for the screen."""

    status: HTTPStatus
    title: str
    detail: Callable[[Any], str]


def _first(problems: Sequence[errors.Problem]) -> str:
    """The first problem of a list, and how many more there are."""
    if not problems:
        return "The file is not usable."
    more = len(problems) - 1
    return f"{problems[0]}" + (f" (and {more} more)" if more else "")


ANSWERS: dict[type[OnwardError], Answer] = {
    OnwardError: Answer(HTTPStatus.INTERNAL_SERVER_ERROR, "Fault", lambda e: f"Something went wrong: {e}"),
    errors.SiteFileInvalid: Answer(
        HTTPStatus.UNPROCESSABLE_ENTITY, "Site file invalid", lambda e: f"Site file: {_first(e.problems)}"
    ),
    errors.ProblemFileInvalid: Answer(
        HTTPStatus.UNPROCESSABLE_ENTITY, "Problem file invalid", lambda e: f"Problem file: {_first(e.problems)}"
    ),
    errors.ImportInvalid: Answer(
        HTTPStatus.UNPROCESSABLE_ENTITY, "Import invalid", lambda e: f"Nothing imported: {_first(e.problems)}"
    ),
    errors.BinCodeInvalid: Answer(
        HTTPStatus.UNPROCESSABLE_ENTITY, "Not a bin code", lambda e: f"{e.code} is no bin code"
    ),
    errors.ScanUnreadable: Answer(
        HTTPStatus.UNPROCESSABLE_ENTITY, "Unreadable scan", lambda e: f"Cannot read {e.scanned}: scan again"
    ),
    errors.NoRoute: Answer(HTTPStatus.CONFLICT, "No route", lambda e: f"No route: {e}"),
    errors.CrossingsUnplanned: Answer(
        HTTPStatus.CONFLICT, "Crossings unplanned", lambda e: f"Crossings cannot be planned: {e.why}"
    ),
    errors.RouteRejected: Answer(
        HTTPStatus.INTERNAL_SERVER_ERROR, "Route rejected", lambda e: f"A route failed its check: {e.faults[0]}"
    ),
    errors.DatabaseUnsafe: Answer(HTTPStatus.SERVICE_UNAVAILABLE, "Database unsafe", lambda e: str(e)),
    errors.Refused: Answer(HTTPStatus.CONFLICT, "Refused", lambda e: f"Refused: {e}"),
    errors.ScanMismatch: Answer(HTTPStatus.CONFLICT, "Wrong scan", lambda e: f"Wrong {e.kind}: scan {e.expected}"),
    errors.NotFound: Answer(HTTPStatus.NOT_FOUND, "Not found", lambda e: f"There is no {e.kind} {e.name}"),
    errors.AlreadyAnswered: Answer(
        HTTPStatus.CONFLICT,
        "Client id used before",
        lambda e: f"Client id {e.client_id} was used for something else; send a new one",
    ),
    errors.LotUnclear: Answer(
        HTTPStatus.CONFLICT,
        "Lot unclear",
        lambda e: f"Say whose {e.product} it is" if e.owners else f"Key in the lot of {e.product}",
    ),
    errors.SerialsNeeded: Answer(
        HTTPStatus.CONFLICT,
        "Serials needed",
        lambda e: f"Scan the serial of each unit of {e.product}: {e.num_named} of {e.quantity}",
    ),
    errors.DeliveryShort: Answer(
        HTTPStatus.CONFLICT, "Delivery short", lambda e: f"{e.quantity_missing} units have not come: say why"
    ),
    errors.CageClosed: Answer(
        HTTPStatus.FORBIDDEN, "Cage closed", lambda e: f"{e.bin_code} is in the cage: ask somebody with the right"
    ),
    errors.StockShort: Answer(
        HTTPStatus.CONFLICT,
        "Stock short",
        lambda e: f"{e.place} holds {e.quantity_there} of {e.product}, not {e.quantity_asked}",
    ),
    errors.StowRefused: Answer(HTTPStatus.CONFLICT, "Stow refused", lambda e: f"Not into {e.bin_code}: {e.why}"),
    errors.WrongState: Answer(
        HTTPStatus.CONFLICT, "Wrong state", lambda e: f"{str(e.kind).capitalize()} {e.name} is {e.state}"
    ),
    errors.PolicyUnplanned: Answer(HTTPStatus.CONFLICT, "Policy unplanned", lambda e: f"Cannot be planned: {e.why}"),
    NotSignedIn: Answer(HTTPStatus.UNAUTHORIZED, "Not signed in", lambda _: "Sign in first"),
    SignInFailed: Answer(HTTPStatus.UNAUTHORIZED, "Sign-in failed", lambda _: "Wrong badge or PIN, or wrong password"),
    TooManyTries: Answer(
        HTTPStatus.TOO_MANY_REQUESTS,
        "Too many tries",
        lambda e: f"Too many wrong tries: wait {-(-e.wait_s // 60)} min",
    ),
    NotAllowed: Answer(
        HTTPStatus.FORBIDDEN, "Not allowed", lambda e: f"A {e.role} may not do this; ask: {', '.join(e.roles)}"
    ),
    PhotoRefused: Answer(HTTPStatus.UNPROCESSABLE_ENTITY, "Photo refused", lambda e: f"No photo: it is {e.fault}"),
    ForeignPage: Answer(HTTPStatus.FORBIDDEN, "Foreign page", lambda e: f"Calls from pages of {e.origin} are refused"),
}


def slug(error: type[OnwardError]) -> str:
    """The class name as words with hyphens, as it stands in a problem's `type`."""
    return "".join(f"-{char.lower()}" if char.isupper() else char for char in error.__name__).lstrip("-")


def problem(error: OnwardError) -> dict[str, Any]:
    """The problem document of `error`, with its facts."""
    answer = ANSWERS[type(error)]
    facts = {name: fact for name, fact in vars(error).items() if not name.startswith("_")}
    if "problems" in facts:
        facts["problems"] = [{"where": each.where, "what": each.what} for each in facts["problems"]]
    return facts | {
        "type": f"urn:onward:{slug(type(error))}",
        "title": answer.title,
        "status": answer.status.value,
        "detail": answer.detail(error),
    }


def _respond(document: dict[str, Any], headers: dict[str, str] | None = None) -> JSONResponse:
    return JSONResponse(document, status_code=document["status"], media_type=PROBLEM_TYPE, headers=headers)


def _plain(status: int, title: str, detail: str) -> dict[str, Any]:
    return {"type": "about:blank", "title": title, "status": status, "detail": detail}


async def _answer_onward(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, OnwardError)
    headers = {"Retry-After": str(error.wait_s)} if isinstance(error, TooManyTries) else {}
    if ANSWERS[type(error)].status is HTTPStatus.UNAUTHORIZED:
        headers["WWW-Authenticate"] = "Bearer"
    return _respond(problem(error), headers)


async def _answer_invalid(_: Request, error: Exception) -> JSONResponse:
    """Name each field that is wrong, and what it should be."""
    assert isinstance(error, RequestValidationError)
    faults = [
        {"field": ".".join(str(part) for part in fault["loc"][1:]) or str(fault["loc"][0]), "what": fault["msg"]}
        for fault in error.errors()
    ]
    detail = f"{faults[0]['field']}: {faults[0]['what']}" if faults else "The request cannot be read"
    document = _plain(HTTPStatus.UNPROCESSABLE_ENTITY, "Request invalid", detail)
    return _respond(document | {"type": "urn:onward:request-invalid", "errors": faults})


async def _answer_http(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    title = HTTPStatus(error.status_code).phrase
    return _respond(_plain(error.status_code, title, str(error.detail)), dict(error.headers or {}))


async def _answer_fault(_: Request, __: Exception) -> JSONResponse:
    """Say that it is our fault, and nothing of the inside; the server's log has the rest."""
    return _respond(_plain(500, "Fault", "Something went wrong here. Try again; if it stays, call the manager."))


def install(app: FastAPI) -> None:
    """Make `app` answer every error with a problem document."""
    app.add_exception_handler(OnwardError, _answer_onward)
    app.add_exception_handler(RequestValidationError, _answer_invalid)
    app.add_exception_handler(HTTPException, _answer_http)
    app.add_exception_handler(Exception, _answer_fault)


def responses(*kinds: type[OnwardError]) -> dict[int | str, dict[str, Any]]:
    """OpenAPI error responses for a route that may raise `kinds`, one a status."""
    found: dict[int | str, dict[str, Any]] = {}
    for kind in kinds:
        answer = ANSWERS[kind]
        titles = found.setdefault(answer.status.value, {"description": ""})
        titles["description"] = "; ".join(filter(None, [titles["description"], answer.title]))
        example = {
            "type": f"urn:onward:{slug(kind)}",
            "title": answer.title,
            "status": answer.status.value,
            "detail": (kind.__doc__ or "").splitlines()[0],
        }
        content = titles.setdefault("content", {PROBLEM_TYPE: {"schema": PROBLEM_SCHEMA, "examples": {}}})
        content[PROBLEM_TYPE]["examples"][slug(kind)] = {"value": example}
    return found


PROBLEM_SCHEMA = {
    "type": "object",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string", "description": "which kind of problem, as urn:onward:..."},
        "title": {"type": "string", "description": "the kind in words, always the same"},
        "status": {"type": "integer", "description": "the HTTP status"},
        "detail": {"type": "string", "description": "one line for the screen that names the thing"},
    },
    "additionalProperties": True,
}

INVALID_RESPONSE = {
    "description": "Request invalid",
    "content": {
        PROBLEM_TYPE: {
            "schema": PROBLEM_SCHEMA,
            "example": {
                "type": "urn:onward:request-invalid",
                "title": "Request invalid",
                "status": 422,
                "detail": "quantity: Input should be greater than 0",
                "errors": [{"field": "quantity", "what": "Input should be greater than 0"}],
            },
        }
    },
}
"""What a call answers to a request that does not fit its description, in the words of OpenAPI."""
