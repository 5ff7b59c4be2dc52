"""`onward serve`: the server, one process."""

import errno
import fcntl
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated

import typer
import uvicorn
from sqlalchemy.exc import OperationalError

from api import schema
from api.app import create_app
from api.background import background
from api.demo_stock import release_demo_orders, stock_demo_warehouse
from api.demo_users import demo_sign_ins, save_demo_users
from api.errors import ANSWERS
from api.serving import Serving
from api.settings import Settings
from routing.warm_up import GRID_FLOORS, compile_side_by_side, warm_up
from warehouse.clock import SystemClock
from warehouse.database import Database
from warehouse.errors import OnwardError

PREPARE_S_MAX = 40
"""How long a demo waits for its first runs, so that it serves within a minute on any machine."""

DRAIN_S = 20
"""How long calls under way may take to end when the server is told to stop; none takes as long."""


def serve(
    host: Annotated[str | None, typer.Option(help="address to serve on [default: ONWARD_HOST or 127.0.0.1]")] = None,
    port: Annotated[int | None, typer.Option(help="port, 0 for a free one [default: ONWARD_PORT or 8000]")] = None,
    demo: Annotated[bool, typer.Option("--demo", help="stock an empty database with a small demo warehouse")] = False,
) -> None:
    """Serve the handheld page and the API until told to stop."""
    settings = Settings()
    settings = settings.model_copy(
        update={"host": host or settings.host, "port": settings.port if port is None else port}
    )
    sys.stdout.reconfigure(line_buffering=True)  # type: ignore[union-attr] # a log file shows each line at once
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))  # uvicorn drains first, then hands the signal on
    try:
        with listening(settings) as listener, _alone(settings), Database.open(settings.database) as database:
            print(database.migrate(schema.metadata))
            serving = Serving(database, SystemClock(), settings)
            if demo:
                _set_up_demo(serving)
            _serve(serving, listener)
    except OnwardError as error:
        _stop(ANSWERS[type(error)].detail(error))
    except OperationalError as error:
        _stop(f"The database cannot be reached: {error.orig}")


class _Server(uvicorn.Server):
    """A server that says when it is ready."""

    def __init__(self, config: uvicorn.Config, announce: Callable[[], None]) -> None:
        super().__init__(config)
        self._announce = announce

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._announce()


def _serve(serving: Serving, listener: socket.socket) -> None:
    app = create_app(serving)
    config = uvicorn.Config(
        app, log_level="warning", access_log=False, server_header=False, timeout_graceful_shutdown=DRAIN_S
    )

    is_ready = threading.Event()

    def ready() -> None:
        _announce(serving, listener)
        is_ready.set()
        # The first short bin is planned round quickly if the solver has been loaded before; answers come first.
        threading.Thread(target=_warm_up, name="warm-up", daemon=True).start()

    with background(serving, is_ready):
        _Server(config, ready).run(sockets=[listener])


def _announce(serving: Serving, listener: socket.socket) -> None:
    """Say where the server is and, in a demo, how to sign in."""
    host, port = listener.getsockname()[:2]
    shown = f"[{host}]" if ":" in host else host
    print(f"\nHandheld page  http://{shown}:{port}/handheld/")
    print(f"Office page    http://{shown}:{port}/office/")
    print(f"API            http://{shown}:{port}/api/v1/   (docs/api.md)")
    print(f"Database       {_without_password(serving.settings.database)}")
    sign_ins = demo_sign_ins(serving.database)
    if sign_ins:
        print("\nSign in as")
        for line in sign_ins:
            print(f"  {line}")
        if not ip_address(host).is_loopback:
            print("Everybody knows these: close them (onward user close NAME) before you keep real goods here.")
    print("\nReady. Ctrl-C ends it.", flush=True)


def _without_password(url: str) -> str:
    scheme, at, rest = url.rpartition("@")
    return f"{scheme.partition('://')[0]}://...@{rest}" if at else url


@contextmanager
def listening(settings: Settings) -> Iterator[socket.socket]:
    """The socket to serve on, taken before anything else so that a port in use is told at once."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    # Only where the protocol is named does asyncio switch off Nagle's algorithm, which holds answers back for 40 ms.
    with socket.socket(family, proto=socket.IPPROTO_TCP) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((settings.host, settings.port))
            listener.listen()
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                _stop(f"Port {settings.port} is in use. Choose another: onward serve --port N, or make run PORT=N.")
            _stop(f"Cannot serve on {settings.host} port {settings.port}: {error.strerror}.")
        yield listener


@contextmanager
def _alone(settings: Settings) -> Iterator[None]:
    """Hold the home folder's lock on SQLite, where two servers would not see each other's work in time."""
    if not settings.database.startswith("sqlite"):
        yield
        return
    settings.home.mkdir(mode=0o700, parents=True, exist_ok=True)
    with Path(settings.home / "serve.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            _stop(f"A server is running on {settings.home.absolute()} already. Stop it first, or set ONWARD_HOME.")
        yield  # the lock goes with the process, however it ends


def _stop(sentence: str) -> None:
    typer.echo(sentence, err=True)
    raise typer.Exit(1)


def _set_up_demo(serving: Serving) -> None:
    """Have a demo stocked and runs ready; serve meanwhile if that takes long."""
    began = time.monotonic()
    compiling = threading.Thread(target=compile_side_by_side, args=[GRID_FLOORS], name="compile", daemon=True)
    compiling.start()
    save_demo_users(serving)
    if stock_demo_warehouse(serving):
        print("The demo warehouse was stocked.")

    def release() -> None:
        compiling.join()
        num_runs = release_demo_orders(serving)
        if num_runs:
            print(f"{num_runs} pick runs wait for pickers.")

    releasing = threading.Thread(target=release, name="release", daemon=True)
    releasing.start()
    releasing.join(max(0.0, began + PREPARE_S_MAX - time.monotonic()))
    if releasing.is_alive():
        print("The route search is still being compiled; pick runs follow within a minute or two.")


def _warm_up() -> None:
    """Load the solver, compiled by processes of their own, which leave this one free to answer."""
    compile_side_by_side()
    warm_up()
