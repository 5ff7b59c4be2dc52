"""What the server does by itself beside answering: the work of the nights, and messages to other people's programs."""

import contextlib
import logging
import threading
from collections.abc import Iterator

from api.serving import Serving
from api.webhook_sending import send_messages
from inventory.work.nights import do_nights

LOG = logging.getLogger(__name__)

PAUSE_S = 5.0
"""How often it is asked what is due: a message leaves within seconds, and asking costs two small queries."""

END_S = 20.0
"""How long the task at hand may take to end when the server is told to stop."""


@contextlib.contextmanager
def background(serving: Serving, ready: threading.Event) -> Iterator[None]:
    """Do what is due, in a thread, from the time the server is ready until the block ends."""
    over = threading.Event()
    thread = threading.Thread(target=_work, args=(serving, ready, over), name="background", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        ready.set()
        thread.join(END_S)


def _work(serving: Serving, ready: threading.Event, over: threading.Event) -> None:
    ready.wait()
    while not over.is_set():
        do_what_is_due(serving)
        over.wait(PAUSE_S)


def do_what_is_due(serving: Serving) -> None:
    """Do the work of the night if it is due, and send what waits; a fault in one does not keep the other."""
    try:
        do_nights(serving.database, serving.clock, serving.settings.nightly_at)
    except Exception:
        LOG.exception("the work of the night could not be done; it is tried again")
    try:
        send_messages(serving.database, serving.clock)
    except Exception:
        LOG.exception("messages could not be sent; they are tried again")
