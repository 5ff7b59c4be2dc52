"""The settings, read from the environment (`ONWARD_...`); `docs/api.md` lists every one."""

from datetime import time
from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from warehouse.scans import SEPARATOR


class Settings(BaseSettings):
    """How this installation runs. Each field is the environment variable ONWARD_ plus its name."""

    model_config = SettingsConfigDict(env_prefix="ONWARD_", extra="ignore")

    home: Path = Field(default=Path(".onward"), description="folder for everything that Onward keeps")
    database_url: str | None = Field(
        default=None, description="SQLAlchemy address of the database; without it, a SQLite file in the home folder"
    )
    host: str = Field(default="127.0.0.1", description="network address to serve on")
    port: int = Field(default=8000, ge=0, le=65535, description="port to serve on; 0 takes a free one")
    session_hours: int = Field(default=12, ge=1, le=24 * 31, description="how long a sign-in lasts: one long shift")
    sign_in_tries: int = Field(
        default=5, ge=1, description="wrong PINs or passwords for one badge or name before it has to wait"
    )
    sign_in_tries_address: int = Field(
        default=50, ge=1, description="the same for one network address, which many handhelds may share"
    )
    sign_in_wait_minutes: int = Field(default=15, ge=1, description="how long tries are remembered")
    blocked_minutes: int = Field(
        default=30, ge=1, le=24 * 60, description="how long floor that a picker found blocked is kept out of plans"
    )
    nightly_at: time = Field(
        default=time(2), description="time of day, at each site, from which on the work of the night is done"
    )
    scan_separator: str = Field(
        default=SEPARATOR,
        pattern=r"^[#$@\[\\^`{|}~]$",
        description="what scanners send for FNC1 in a GS1 symbol, beside GS itself; no GS1 field may hold it",
    )
    secure_cookie: bool = Field(
        default=False, description="send the session cookie over HTTPS only; switch on behind a TLS proxy"
    )
    trusted_origins: tuple[str, ...] = Field(
        default=(), description="JSON list of page origins allowed beside the server's own, if a proxy changes the host"
    )

    @property
    def database(self) -> str:
        """The address of the database in use."""
        return self.database_url or f"sqlite:///{(self.home / 'onward.db').absolute()}"
