"""Pieces of request and reply bodies that several calls share."""

from typing import Annotated

from fastapi import Path
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
