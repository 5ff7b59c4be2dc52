"""What other people's programs are told: the kinds of events, how a message is signed, and when one is sent again.

A message is signed as the Standard Webhooks specification says (standardwebhooks.com): HMAC-SHA256 over id, time and
body with the secret, which is base64 after `whsec_`. So receivers may use the libraries that there are for it.
"""

import base64
import binascii
import hashlib
import hmac
from enum import StrEnum
from urllib.parse import urlsplit

MARK = "whsec_"
SECRET_BYTES_MIN = 24
"""What the specification asks for at least."""

RETRY_FIRST_MS, RETRY_MAX_MS = 30_000, 6 * 3_600_000
NUM_TRIES_MAX = 22
"""More than three days in all: a receiver that broke on Friday evening is mended by Monday."""


class EventKind(StrEnum):
    """What is told."""

    SHELF_LIFE = "shelf_life"
    RECALL = "recall"
    EXCURSION = "excursion"
    CONSOLIDATION = "consolidation"


def require_address(url: str) -> None:
    """Raise ValueError unless messages may be sent to an address."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("the address begins with https:// or http:// and names a host")
    if parts.username is not None or parts.fragment:
        raise ValueError("the address has no user and no fragment in it")
    if parts.port == 0:
        raise ValueError("the address has no port 0")


def key_of(secret: str) -> bytes:
    """The key that a secret stands for.

    Raises
    ------
    ValueError
        If it is no secret of the specification's form, or a short one.
    """
    try:
        key = base64.b64decode(secret.removeprefix(MARK), validate=True)
    except binascii.Error:
        key = b""
    if not secret.startswith(MARK) or len(key) < SECRET_BYTES_MIN:
        raise ValueError(f"a secret is {MARK} and at least {SECRET_BYTES_MIN} bytes in base64")
    return key


def signature(secret: str, event_id: str, at_s: int, body: bytes) -> str:
    """The signature of a message, for the header `webhook-signature`.

    Parameters
    ----------
    at_s
        When it is sent, in seconds since 1970 in UTC; receivers refuse what is old.

    Examples
    --------
    >>> signature("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330,
    ...           b'{"test": 2432232314}')
    'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE='
    """
    content = b".".join((event_id.encode(), str(at_s).encode(), body))
    return "v1," + base64.b64encode(hmac.new(key_of(secret), content, hashlib.sha256).digest()).decode()


def retry_ms(num_tries: int) -> int | None:
    """How long to wait after so many tries that failed; None if that was the last one."""
    if num_tries >= NUM_TRIES_MAX:
        return None
    return min(RETRY_MAX_MS, RETRY_FIRST_MS << (num_tries - 1))
