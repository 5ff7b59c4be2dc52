"""Messages leave for the addresses that want to know: signed, with a time limit, and never redirected.

Who sets an address chooses where this server sends messages to, so only administrators may. Of an answer nothing but
its status is read.
"""

import contextlib
import http.client
import logging
import socket
import threading
from importlib.metadata import version
from urllib.parse import urlsplit

from inventory.rules.webhooks import signature
from inventory.work.telling import Message, NoteAnswer, TakeMessages, note_answer, take_messages
from warehouse.clock import Clock
from warehouse.database import Database

LOG = logging.getLogger(__name__)

QUIET_S, TOTAL_S = 5.0, 15.0
"""How long a receiver may be silent, and how long it may take in all: it only has to note the message."""


def send_messages(database: Database, clock: Clock) -> int:
    """Send what waits, until nothing is left that is to be sent now; how many messages were taken well."""
    num_sent = 0
    while messages := database.run(take_messages, TakeMessages(), clock=clock).messages:
        for each in messages:
            status, error = _send(each, clock)
            noted = database.run(note_answer, NoteAnswer(each.delivery_id, status, error), clock=clock)
            if error:
                LOG.warning("message %s to %s: %s (%s)", each.event, each.url, error, noted.state)
            num_sent += not error
    return num_sent


def _send(message: Message, clock: Clock) -> tuple[int | None, str]:
    """Send a message; the status that was answered, and what is wrong."""
    body = message.body.encode()
    at_s = clock.now_ms() // 1000
    headers = {
        "Content-Type": "application/json",
        "User-Agent": f"onward/{version('onward')}",
        "webhook-id": message.event,
        "webhook-timestamp": str(at_s),
        "webhook-signature": signature(message.secret, message.event, at_s, body),
    }
    try:
        status = _post(message.url, body, headers)
    except (OSError, http.client.HTTPException, ValueError) as error:
        return None, f"{type(error).__name__}: {error}"
    if 300 <= status < 400:
        return status, f"answered {status}: redirects are not followed"
    return status, "" if 200 <= status < 300 else f"answered {status}"


def _post(url: str, body: bytes, headers: dict[str, str]) -> int:
    """Post a body and return the status of the answer."""
    parts = urlsplit(url)
    assert parts.hostname is not None
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    connection = kind(parts.hostname, parts.port, timeout=QUIET_S)

    def cut_off() -> None:
        with contextlib.suppress(OSError):
            if connection.sock is not None:
                connection.sock.shutdown(socket.SHUT_RDWR)

    guard = threading.Timer(TOTAL_S, cut_off)  # who sends a byte now and then is never silent for long
    guard.daemon = True
    guard.start()
    try:
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        connection.request("POST", path, body=body, headers=headers)
        return connection.getresponse().status
    finally:
        guard.cancel()
        connection.close()
