"""What the server does by itself: the work of the nights, a look at the bins, and messages to other programs."""

import contextlib
import itertools
import logging
import threading
from collections.abc import Iterator

from sqlalchemy import select
from sqlmodel import col

from api.serving import Serving
from api.webhook_sending import send_messages
from inventory.work.consolidation_alerts import LookAtBins, look_at_bins
from inventory.work.nights import do_nights
from warehouse.tables import SiteRow

LOG = logging.getLogger(__name__)

PAUSE_S = 5.0
"""How often it is asked what is due: a message leaves within seconds, and asking costs two small queries."""

LOOK_EVERY = 60
"""Pauses between two looks whether bins pile up, five minutes: it takes hours for bins to run empty."""

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
    for number in itertools.count(1):
        if over.is_set():
            break
        do_what_is_due(serving)
        if number % LOOK_EVERY == 0:
            look_at_all_bins(serving)
        over.wait(PAUSE_S)


def do_what_is_due(serving: Serving) -> None:
    """Do the work of the night if it is due, and send what waits; a fault in one does not keep the other."""
    with _going_on("the work of the night could not be done; it is tried again"):
        do_nights(serving.database, serving.clock, serving.settings.nightly_at)
    with _going_on("messages could not be sent; they are tried again"):
        send_messages(serving.database, serving.clock)


def look_at_all_bins(serving: Serving) -> None:
    """Look at every site whether nearly empty bins pile up; a fault at one does not keep the others."""
    sites: list[str] = []
    with _going_on("the sites could not be read; their bins are looked at later"), serving.database.read() as session:
        sites += session.execute(select(col(SiteRow.code)).order_by(col(SiteRow.code))).scalars()
    for site in sites:
        with _going_on(f"the bins of {site} could not be looked at; it is tried again"):
            look_at_bins(serving.database, LookAtBins(site), serving.clock)


@contextlib.contextmanager
def _going_on(otherwise: str) -> Iterator[None]:
    """Log a fault instead of ending the thread, which has other things to do."""
    try:
        yield
    except Exception:
        LOG.exception(otherwise)
