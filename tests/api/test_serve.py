import asyncio
import signal
import socket
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from typer.testing import CliRunner

from api.cli import app
from api.commands.serve import listening
from api.settings import Settings
from tests.api.server import RunningServer

RUNNER = CliRunner()


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An empty home folder for a server that is expected to refuse, in this process."""
    monkeypatch.setenv("ONWARD_HOME", str(tmp_path / "empty"))
    monkeypatch.setenv("ONWARD_DATABASE_URL", "")
    handler = signal.getsignal(signal.SIGTERM)
    yield tmp_path / "empty"
    signal.signal(signal.SIGTERM, handler)


def refusal(*options: str) -> str:
    """What `onward serve` says when it refuses to."""
    result = RUNNER.invoke(app, ["serve", *options])
    assert result.exit_code == 1, result.output
    return result.stderr


def test_a_server_tells_how_to_reach_it_is_alone_and_ends_when_it_is_told(
    live_server: RunningServer, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert httpx.get(f"{live_server.url}/healthz").json() == {"status": "ok"}
    assert f"{live_server.url}/handheld/" in live_server.output
    assert "badge PICKER-1   PIN 1379" in live_server.output

    port = live_server.url.rpartition(":")[2]
    assert refusal("--port", port).startswith(f"Port {port} is in use.")
    monkeypatch.setenv("ONWARD_HOME", str(live_server.home))
    assert refusal("--port", "0").startswith(f"A server is running on {live_server.home} already.")

    assert live_server.stop() == 0


def test_answers_are_sent_at_once_and_not_held_back_until_the_scanner_has_acknowledged_their_first_half() -> None:
    async def sends_at_once(listener: socket.socket) -> int:
        came: asyncio.Future[asyncio.StreamWriter] = asyncio.get_running_loop().create_future()
        server = await asyncio.start_server(lambda _, writer: came.set_result(writer), sock=listener)
        _, scanner = await asyncio.open_connection(*listener.getsockname())
        answer = await came
        option: int = answer.get_extra_info("socket").getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
        for each in (scanner, answer, server):
            each.close()
        return option

    with listening(Settings(port=0)) as listener:
        assert asyncio.run(sends_at_once(listener))


def test_an_address_that_is_not_here_is_refused_with_a_sentence(home: Path) -> None:
    assert refusal("--host", "192.0.2.1", "--port", "0").startswith("Cannot serve on 192.0.2.1")


def test_an_unreachable_database_is_told_in_a_sentence(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ONWARD_DATABASE_URL", "postgresql+psycopg://nobody@127.0.0.1:1/onward")
    assert refusal("--port", "0").startswith("The database cannot be reached")
