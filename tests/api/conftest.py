"""Servers for the tests, on a small site with a few runs that wait."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher

from api import auth
from api.demo_stock import release_demo_orders, stock_demo_warehouse
from api.demo_users import save_demo_users
from api.serving import Serving
from api.settings import Settings
from api.tables import Role
from tests.api.server import RunningServer, client_of, serving_thread, start_server
from warehouse.clock import FixedClock, SystemClock
from warehouse.database import Database

SMALL_SITE = Path(__file__).parent / "small_site.yaml"


@pytest.fixture(scope="session")
def quick_hashes() -> Iterator[None]:
    """Argon2 with the least work, so that a test that signs in twenty times takes no minute."""
    quick = PasswordHash((Argon2Hasher(time_cost=1, memory_cost=1024, parallelism=1),))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(auth, "HASHING", quick)
        patch.setattr(auth, "_NOBODY", quick.hash("nobody"))
        yield


@pytest.fixture(scope="session")
def stocked_file(quick_hashes: None, sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database file with the demo users and a stocked small site, whose orders are released to runs."""
    file = tmp_path_factory.mktemp("stocked") / "onward.db"
    shutil.copy(sqlite_template, file)
    with Database.open(f"sqlite:///{file}") as database:
        serving = Serving(database, SystemClock(), Settings())
        save_demo_users(serving)
        definition = SMALL_SITE.read_text(encoding="utf-8")
        assert stock_demo_warehouse(serving, definition=definition, num_products=12, num_orders=8)
        assert release_demo_orders(serving) >= 2
    return file


@pytest.fixture
def stocked_home(stocked_file: Path, tmp_path: Path) -> Path:
    """A home folder with a copy of the stocked database."""
    home = tmp_path / "home"
    home.mkdir()
    shutil.copy(stocked_file, home / "onward.db")
    return home


@pytest.fixture
def live_server(stocked_home: Path) -> Iterator[RunningServer]:
    """`onward serve` as a process of its own, on a stocked small site."""
    server = start_server(stocked_home)
    yield server
    server.stop()


@pytest.fixture
def serving(stocked_home: Path, clock: FixedClock) -> Iterator[Serving]:
    """A stocked small site to serve, with a clock that the test moves, and scanners that send `|` for FNC1."""
    with Database.open(f"sqlite:///{stocked_home / 'onward.db'}") as database:
        yield Serving(database, clock, Settings(home=stocked_home, scan_separator="|"))


@pytest.fixture
def url(serving: Serving) -> Iterator[str]:
    """The address of the application, served in a thread."""
    with serving_thread(serving) as address:
        yield address


@pytest.fixture
def signed_in(url: str) -> Iterator[Callable[[Role], httpx.Client]]:
    """Makes clients that are signed in with a role."""
    clients: list[httpx.Client] = []

    def make(role: Role, number: int = 0) -> httpx.Client:
        clients.append(client_of(url, role, number))
        return clients[-1]

    yield make
    for client in clients:
        client.close()


@pytest.fixture
def picker(signed_in: Callable[[Role], httpx.Client]) -> httpx.Client:
    """A client that is signed in as a picker."""
    return signed_in(Role.PICKER)
