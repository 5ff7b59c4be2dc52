"""Signing in and out, and who one is."""

from typing import Annotated, Literal

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, Field, model_validator

from api.access import COOKIE, GuardedRoute, Who
from api.auth import Credentials, RevokeSessions, SignedIn, revoke_sessions, sign_in
from api.errors import ForeignPage, SignInFailed, TooManyTries, responses
from api.serving import ServingNow
from api.tables import Role
from api.wire import Body

router = APIRouter(prefix="/api/v1", tags=["sign-in"], route_class=GuardedRoute)

Secret = Annotated[str, Field(min_length=1, max_length=256)]


class SignIn(Body):
    """Badge and PIN, or name and password."""

    badge: Annotated[str, Field(max_length=64, examples=["PICKER-1"])] | None = None
    pin: Secret | None = Field(default=None, examples=["2580"])
    name: Annotated[str, Field(max_length=64)] | None = None
    password: Secret | None = None
    device: str = Field(default="", max_length=64, description="what the device calls itself", examples=["hh-3f2a"])

    @model_validator(mode="after")
    def _one_pair(self) -> "SignIn":
        by_badge = self.badge is not None and self.pin is not None
        by_name = self.name is not None and self.password is not None
        if by_badge == by_name:
            raise ValueError("send badge and pin, or name and password")
        return self


class Me(BaseModel):
    """Who is signed in."""

    user: str = Field(examples=["anna"])
    display_name: str = Field(examples=["Anna"])
    role: Role
    device: str
    expires_ms: int = Field(description="when the session ends, in ms since 1970 in UTC", examples=[1760000000000])

    @classmethod
    def of(cls, who: SignedIn) -> "Me":
        """The wire form of `who`."""
        return cls(
            user=who.user,
            display_name=who.display_name,
            role=who.role,
            device=who.device,
            expires_ms=who.expires_ms,
        )


class Token(Me):
    """A session, and its token for the header `Authorization: Bearer TOKEN`."""

    token: str
    token_type: Literal["bearer"] = "bearer"  # noqa: S105 - the kind of token, not one


@router.post("/sign-in", responses=responses(SignInFailed, TooManyTries, ForeignPage))
def post_sign_in(body: SignIn, request: Request, response: Response, serving: ServingNow) -> Token:
    """Open a session. The reply sets a cookie for our own pages and names the token for programs."""
    address = request.client.host if request.client else ""
    secret = body.pin if body.badge is not None else body.password
    credentials = Credentials(body.badge, body.name, secret or "", body.device, address)
    token, who = sign_in(serving, credentials)
    response.set_cookie(
        COOKIE,
        token,
        max_age=serving.settings.session_hours * 3600,
        path="/",
        httponly=True,
        samesite="strict",
        secure=serving.settings.secure_cookie,
    )
    return Token(token=token, **Me.of(who).model_dump())


@router.post("/sign-out", status_code=204)
def post_sign_out(who: Who, response: Response, serving: ServingNow) -> None:
    """End this session. Asked again, the answer is 401: there is nothing left to end."""
    serving.run(revoke_sessions, RevokeSessions(session_id=who.session_id))
    response.delete_cookie(COOKIE, path="/", httponly=True, samesite="strict")


@router.get("/me")
def get_me(who: Who) -> Me:
    """Who is signed in."""
    return Me.of(who)
