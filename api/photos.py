"""Photos are files in the home folder, named by the hash of their content; the database keeps the names.

The same photo sent twice is one file. A file is complete when it gets its name, and never changes after that, so a
browser may keep it for ever. What is served was looked at when it came in: it begins like the picture it says it is.
"""

import hashlib
import io
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from api.errors import PhotoRefused
from warehouse.errors import NotFound

PHOTO_BYTES_MAX = 700_000
"""As base64 in a request it stays below the limit of a body; a handheld sends a tenth of it."""

PIXELS_MAX = 40_000_000
"""More than any handheld's camera takes; a small file may hold far more, only to fill the memory."""

HASH_COLUMNS, HASH_ROWS = 8, 8

BEGINNINGS = {"image/jpeg": b"\xff\xd8\xff", "image/png": b"\x89PNG\r\n\x1a\n"}
WEBP_RIFF, WEBP_NAME = slice(0, 4), slice(8, 12)


def media_type(data: bytes) -> str | None:
    """What kind of picture the bytes are; None if they are none that a page shows."""
    if data[WEBP_RIFF] == b"RIFF" and data[WEBP_NAME] == b"WEBP":
        return "image/webp"
    return next((kind for kind, beginning in BEGINNINGS.items() if data.startswith(beginning)), None)


def look_of_photo(data: bytes) -> str:
    """What a picture looks like from afar, in 64 bits as 16 hexadecimal digits; alike pictures differ in few bits.

    Each bit says whether a spot of the picture, shrunk to 9 x 8 grey spots, is darker than the one to its right.

    Raises
    ------
    PhotoRefused
        If the picture cannot be read, or has too many pixels.
    """
    try:
        with Image.open(io.BytesIO(data)) as image:
            if image.width * image.height > PIXELS_MAX:
                raise PhotoRefused(f"more than {PIXELS_MAX // 1_000_000} million pixels")
            grey = np.asarray(image.convert("L").resize((HASH_COLUMNS + 1, HASH_ROWS)), dtype=np.int16)
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError):
        raise PhotoRefused("cannot be read as a picture") from None
    return np.packbits(grey[:, :-1] < grey[:, 1:]).tobytes().hex()


@dataclass(frozen=True)
class SavedPhoto:
    """A photo by its name, and what it looks like from afar."""

    name: str
    look: str


def save_photo(home: Path, data: bytes) -> SavedPhoto:
    """Keep a photo.

    Raises
    ------
    PhotoRefused
        If it is no JPEG, PNG or WebP, cannot be read, or is too large.
    """
    if len(data) > PHOTO_BYTES_MAX:
        raise PhotoRefused(f"larger than {PHOTO_BYTES_MAX // 1000} kB")
    if media_type(data) is None:
        raise PhotoRefused("neither JPEG nor PNG nor WebP")
    look = look_of_photo(data)
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
    return SavedPhoto(name, look)


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
