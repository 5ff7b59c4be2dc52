"""Pieces of requests and replies that several calls share."""

from typing import Annotated, Any

from fastapi import Path, Response
from pydantic import BaseModel, ConfigDict, Field

ClientId = Annotated[
    str,
    Field(
        min_length=8,
        max_length=64,
        pattern=r"^[0-9A-Za-z._:-]+$",
        description="made by the client, new for every action; sent again with the same content it changes "
        "nothing and is answered the same",
        examples=["0f6c1d8e-4c55-4f0e-9d0e-6a1f2b3c4d5e"],
    ),
]
Code = Annotated[str, Field(min_length=1, max_length=64)]
SiteCode = Annotated[str, Path(max_length=32, description="code of the site", examples=["DEMO"])]


class Body(BaseModel):
    """A request body: what it does not know it refuses, so that a slip in a name is seen."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)


class ActionBody(Body):
    """Something that is done once."""

    client_id: ClientId


class SvgResponse(Response):
    """A drawing. It brings its own style, and may run or load nothing."""

    media_type = "image/svg+xml"

    def __init__(self, content: str, status_code: int = 200) -> None:
        policy = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
        super().__init__(content, status_code, headers={"Content-Security-Policy": policy})


SVG: dict[int | str, dict[str, Any]] = {
    200: {"description": "The drawing", "content": {"image/svg+xml": {"schema": {"type": "string"}}}}
}
"""A drawing, in the words of OpenAPI."""
