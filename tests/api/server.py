"""Running servers for the tests: `onward serve` as a process of its own, or the application in a thread."""

import contextlib
import os
import re
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import uvicorn

from api.app import create_app
from api.demo_users import DEMO_USERS, DemoUser
from api.serving import Serving
from api.tables import Role

START_S_MAX = 60
"""The product promises a server within this time on a cold start."""

ONWARD = Path(sys.executable).parent / "onward"


@dataclass
class RunningServer:
    """An `onward serve` process; `output` is all that it printed until it was ready."""

    url: str
    home: Path
    process: "subprocess.Popen[str]"
    output: str
    reader: threading.Thread

    def kill(self) -> None:
        """End it with kill -9, as a power cut would."""
        self.process.kill()
        self._wait()

    def stop(self) -> int:
        """Ask it to end, as a service manager would; its exit status. One that has ended stays so."""
        self.process.terminate()
        return self._wait()

    def _wait(self) -> int:
        status = self.process.wait(30)
        self.reader.join(10)
        assert self.process.stdout is not None
        self.process.stdout.close()
        return status


def start_server(home: Path, *options: str, port: int = 0) -> RunningServer:
    """Start `onward serve` on `home` and wait until it is ready; the caller ends it.

    Raises
    ------
    RuntimeError
        If it ends before it is ready, with what it printed.
    """
    env = os.environ | {"ONWARD_HOME": str(home), "ONWARD_DATABASE_URL": ""}
    env.pop("PYTHONDONTWRITEBYTECODE", None)  # where it is set, every start compiles all libraries anew, for seconds
    process = subprocess.Popen(
        [ONWARD, "serve", "--port", str(port), *options],
        env=env,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    guard = threading.Timer(START_S_MAX, process.kill)  # reading its output would wait for ever
    guard.start()
    assert process.stdout is not None
    output = ""
    for line in process.stdout:
        output += line
        if line.startswith("Ready"):
            break
    guard.cancel()
    found = re.search(r"(http://\S+)/handheld/", output)
    if found is None or "Ready" not in output:
        process.kill()
        process.stdout.close()
        raise RuntimeError(f"the server ended with status {process.wait()}:\n{output}")
    reader = threading.Thread(target=process.stdout.read, daemon=True)  # a full pipe would stop the server
    reader.start()
    return RunningServer(found[1], home, process, output, reader)


@contextlib.contextmanager
def serving_thread(serving: Serving) -> Iterator[str]:
    """Serve the application in a thread of this process; its address."""
    with socket.socket(proto=socket.IPPROTO_TCP) as listener:  # as `onward serve` does
        listener.bind(("127.0.0.1", 0))
        server = uvicorn.Server(uvicorn.Config(create_app(serving), log_level="critical", access_log=False))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        while not server.started and thread.is_alive():
            time.sleep(0.01)
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        server.should_exit = True
        thread.join(10)


def demo_user(role: Role, number: int = 0) -> DemoUser:
    """The `number`th demo user of a role."""
    return [user for user in DEMO_USERS if user.role is role][number]


def sign_in(client: httpx.Client, user: DemoUser, device: str = "test") -> httpx.Response:
    """Sign in as a demo user."""
    who = {"badge": user.badge, "pin": user.secret} if user.badge else {"name": user.name, "password": user.secret}
    return client.post("/api/v1/sign-in", json=who | {"device": device})


def client_of(url: str, role: Role, number: int = 0) -> httpx.Client:
    """A client that is signed in as the `number`th demo user of a role, by bearer token."""
    client = httpx.Client(base_url=url, timeout=30)
    answer = sign_in(client, demo_user(role, number))
    assert answer.status_code == 200, answer.text
    client.cookies.clear()
    client.headers["Authorization"] = f"Bearer {answer.json()['token']}"
    return client
