"""Photos are files in the home folder, named by the hash of their content; the database keeps the names.

The same photo sent twice is one file. A file is complete when it gets its name, and never changes after that, so a
browser may keep it for ever. What is served was looked at when it came in: it begins like the picture it says it is.
"""

import hashlib
import os
import tempfile
from pathlib import Path

from api.errors import PhotoRefused
from warehouse.errors import NotFound

PHOTO_BYTES_MAX = 700_000
"""As base64 in a request it stays below the limit of a body; a handheld sends a tenth of it."""

BEGINNINGS = {"image/jpeg": b"\xff\xd8\xff", "image/png": b"\x89PNG\r\n\x1a\n"}
WEBP_RIFF, WEBP_NAME = slice(0, 4), slice(8, 12)


def media_type(data: bytes) -> str | None:
    """What kind of picture the bytes are; None if they are none that a page shows."""
    if data[WEBP_RIFF] == b"RIFF" and data[WEBP_NAME] == b"WEBP":
        return "image/webp"
    return next((kind for kind, beginning in BEGINNINGS.items() if data.startswith(beginning)), None)


def save_photo(home: Path, data: bytes) -> str:
    """Keep a photo; its name.

    Raises
    ------
    PhotoRefused
        If it is no JPEG, PNG or WebP, or too large.
    """
    if len(data) > PHOTO_BYTES_MAX:
        raise PhotoRefused(f"larger than {PHOTO_BYTES_MAX // 1000} kB")
    if media_type(data) is None:
        raise PhotoRefused("neither JPEG nor PNG nor WebP")
    name = hashlib.sha256(data).hexdigest()
    path = _path(home, name)
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, unfinished = tempfile.mkstemp(dir=path.parent)
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        Path(unfinished).replace(path)
    return name


def read_photo(home: Path, name: str) -> bytes:
    """The photo of a name.

    Raises
    ------
    NotFound
        If there is none.
    """
    try:
        return _path(home, name).read_bytes()
    except FileNotFoundError:
        raise NotFound("photo", name) from None


def _path(home: Path, name: str) -> Path:
    return home / "photos" / name[:2] / name
