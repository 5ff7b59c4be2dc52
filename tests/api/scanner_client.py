"""A picker with a scanner, as a program: walks runs over HTTP in the bad conditions of a real floor.

It repeats calls it was answered, scans what is wrong, loses replies, and meets a server that is down. Every
action's client id is made here, once, and sent again until the action is answered. It believes nothing:
a repeated call must be answered the same, a wrong scan must be refused and change nothing, and a step that was
acknowledged must never be shown again. The first thing that is otherwise raises AssertionError.
"""

import http.client
import json
import random
import threading
import time
import uuid
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

Json = dict[str, Any]

ANSWER_S_MAX = 60
"""How long a scanner asks again before it gives up; a server that is started again takes seconds."""

PAUSE_S = 0.03
"""Between two tries while the server is down."""

UNKNOWN = "NO-SUCH-CODE-0"


@dataclass(frozen=True)
class Habits:
    """How often things go wrong, as shares: of changing calls repeated or lost, of scans wrong."""

    repeats: float = 0.10
    wrong: float = 0.05
    lost: float = 0.05


@dataclass(frozen=True)
class _Wrong:
    """A scan that must be refused, with the answer it must get."""

    path: str
    body: Json
    status: int
    kind: str


class Scanner:
    """One picker's device; `work` runs in a thread of its own.

    Parameters
    ----------
    port
        Where the server listens on 127.0.0.1.
    badge, pin
        Who picks.
    seed
        Of what goes wrong, and when.
    """

    def __init__(self, port: int, site: str, badge: str, pin: str, *, seed: int, habits: Habits) -> None:
        self.counts: Counter[str] = Counter()
        self.acknowledged: dict[str, int] = {}
        """Step by client id, of every pick that was answered."""
        self.waits_s: list[float] = []
        """How long each answer took, from sending to the last byte."""
        self._port, self._site = port, site
        self._badge, self._pin = badge, pin
        self._random = random.Random(seed)
        self._habits = habits
        self._connection: http.client.HTTPConnection | None = None
        self._headers = {"Content-Type": "application/json"}
        self._other_bins: list[str] = []
        self._other_products: list[str] = []
        self._before: tuple[str, Json] | None = None

    def sign_in(self) -> None:
        """Sign in by badge and PIN, and see what there is to scan by mistake."""
        who = {"badge": self._badge, "pin": self._pin, "device": f"scanner-{self._badge}"}
        status, answer = self._call("POST", "/api/v1/sign-in", who)
        assert status == 200, answer
        self._headers["Authorization"] = f"Bearer {answer['token']}"
        status, stock = self._call("GET", f"/api/v1/sites/{self._site}/stock?limit=1000")
        assert status == 200, stock
        self._other_bins = sorted({each["place"] for each in stock if each["kind"] == "bin"})
        self._other_products = sorted({each["product"] for each in stock})

    def work(self, until: Callable[[], bool] = lambda: False) -> None:
        """Pick run after run until none is left to take, or `until` says so.

        Raises
        ------
        AssertionError
            At the first answer that is not as promised.
        """
        try:
            screen = self._shown()
            while not until():
                match screen["screen"]:
                    case "step":
                        screen = self._step(screen)
                    case "finish":
                        screen = self._act(f"/api/v1/runs/{screen['run']}/finish", {}, screen)
                        assert screen["screen"] == "done", screen
                        self.counts["runs"] += 1
                    case _:
                        screen = self._act(f"/api/v1/sites/{self._site}/runs/take", {}, screen)
                        if screen["screen"] == "idle":
                            return
        finally:
            self._drop()

    def _step(self, screen: Json) -> Json:
        """Scan bin and product of the step at hand, now and then something else first, and confirm."""
        step = screen["step"]
        assert step["step"] not in self.acknowledged.values(), f"step {step['step']} was acknowledged before"
        path = f"/api/v1/runs/{screen['run']}/steps/{step['step']}"
        self._scan_wrong(self._wrong_bins(path, step), screen)
        status, answer = self._call("POST", f"{path}/bin", {"code": step["bin_code"]})
        assert status == 200, answer
        assert _same(answer["next"], screen)
        self._scan_wrong(self._wrong_products(path, step), screen)
        body = self._pick_of(step)
        after = self._act(f"{path}/pick", body, screen)
        self.acknowledged[body["client_id"]] = step["step"]
        self.counts["steps"] += 1
        return after

    def _pick_of(self, step: Json) -> Json:
        codes = [step["product"]["code"], *step["product"]["barcodes"]]
        return {
            "client_id": str(uuid.uuid4()),
            "bin_code": step["bin_code"],
            "code": self._random.choice(codes),
            "quantity": step["quantity"],
        }

    def _wrong_bins(self, path: str, step: Json) -> list[_Wrong]:
        other = self._random.choice([each for each in self._other_bins if each != step["bin_code"]])
        return [
            _Wrong(f"{path}/bin", {"code": other}, 409, "scan-mismatch"),
            _Wrong(f"{path}/bin", {"code": UNKNOWN}, 422, "bin-code-invalid"),
            _Wrong(f"{path}/pick", self._pick_of(step) | {"bin_code": other}, 409, "scan-mismatch"),
        ]

    def _wrong_products(self, path: str, step: Json) -> list[_Wrong]:
        right = self._pick_of(step)
        other = self._random.choice([each for each in self._other_products if each != step["product"]["code"]])
        return [
            _Wrong(f"{path}/pick", right | {"code": other}, 409, "scan-mismatch"),
            _Wrong(f"{path}/pick", right | {"code": UNKNOWN}, 404, "not-found"),
            _Wrong(f"{path}/pick", right | {"quantity": step["quantity"] + 1}, 409, "wrong-state"),
        ]

    def _scan_wrong(self, wrongs: list[_Wrong], screen: Json) -> None:
        """Now and then scan one of these; it must be refused, and the screen must stay as it was."""
        self.counts["scans"] += 1
        if self._random.random() >= self._habits.wrong:
            return
        wrong = self._random.choice(wrongs)
        status, answer = self._call("POST", wrong.path, wrong.body)
        assert (status, answer["type"]) == (wrong.status, f"urn:onward:{wrong.kind}"), answer
        assert _same(self._shown(), screen)
        self.counts["scans"] += 1
        self.counts["wrong"] += 1

    def _act(self, path: str, body: Json, screen: Json) -> Json:
        """Do something once, however often it has to be sent; the screen that follows."""
        body = {"client_id": str(uuid.uuid4())} | body
        shown = self._lose_reply(path, body) if self._random.random() < self._habits.lost else None
        after = self._answered(path, body)
        if shown is not None and shown["screen"] != "idle":  # a finished run is not shown again
            assert _same(shown, screen) or _same(shown, after), shown
        if self._random.random() < self._habits.repeats:
            self._repeat(path, body, after)
        self._before = (path, body) if path.endswith("/pick") else None
        self.counts["actions"] += 1
        return after

    def _repeat(self, path: str, body: Json, after: Json) -> None:
        """Send an action again, the last one or the one before; nothing may come of it."""
        late = self._before is not None and path.endswith("/pick") and self._random.random() < 0.5
        path, body = self._before if late and self._before is not None else (path, body)
        assert _same(self._answered(path, body), after)
        self.counts["repeats"] += 1

    def _lose_reply(self, path: str, body: Json) -> Json | None:
        """Send an action and hang up before the answer; then, half the times, ask how things stand."""
        self.counts["lost"] += 1
        try:
            self._send("POST", path, body)
        except (OSError, http.client.HTTPException):
            self.counts["failures"] += 1
        self._drop()
        return self._shown() if self._random.random() < 0.5 else None

    def _answered(self, path: str, body: Json) -> Json:
        status, answer = self._call("POST", path, body)
        assert status == 200, answer
        screen: Json = answer["next"]
        return screen

    def _shown(self) -> Json:
        """What the server says is to be done now."""
        status, answer = self._call("GET", f"/api/v1/picking?site={self._site}")
        assert status == 200, answer
        screen: Json = answer["next"]
        return screen

    def _call(self, method: str, path: str, body: Json | None = None) -> tuple[int, Any]:
        """Send a call, again and again while there is no answer; its status and document."""
        until_s = time.monotonic() + ANSWER_S_MAX
        while True:
            try:
                begun_s = time.monotonic()
                self._send(method, path, body)
                assert self._connection is not None
                reply = self._connection.getresponse()
                content = reply.read()
            except (OSError, http.client.HTTPException):
                self._drop()
                self.counts["failures"] += 1
                if time.monotonic() > until_s:
                    raise
                time.sleep(PAUSE_S)
                continue
            self.waits_s.append(time.monotonic() - begun_s)
            self.counts["calls"] += 1
            return reply.status, json.loads(content)

    def _send(self, method: str, path: str, body: Json | None) -> None:
        if self._connection is None:
            self._connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=ANSWER_S_MAX)
        content = None if body is None else json.dumps(body).encode()
        self._connection.request(method, path, content, self._headers)

    def _drop(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None


def _same(one: Json, other: Json) -> bool:
    """Whether two screens show the same, but for the runs that wait, which other pickers take."""
    return one | {"runs_ready": 0} == other | {"runs_ready": 0}


class Crew:
    """Several scanners that work at once; leaving the context waits for all and raises what one met."""

    def __init__(self, scanners: list[Scanner], until: Callable[[], bool] = lambda: False) -> None:
        self.scanners = scanners
        self.faults: list[BaseException] = []
        self._until = until
        self._threads = [threading.Thread(target=self._work, args=[each], daemon=True) for each in scanners]

    def _work(self, scanner: Scanner) -> None:
        try:
            scanner.work(lambda: bool(self.faults) or self._until())
        except BaseException as fault:  # noqa: BLE001 - handed to the thread that waits
            self.faults.append(fault)

    def start(self) -> None:
        """Let all of them begin."""
        for thread in self._threads:
            thread.start()

    def wait(self, seconds: float = 300) -> None:
        """Wait until all are done.

        Raises
        ------
        TimeoutError
            If they are not in `seconds`.
        AssertionError
            What the first scanner met that is not as promised.
        """
        until_s = time.monotonic() + seconds
        for thread in self._threads:
            thread.join(max(0.0, until_s - time.monotonic()))
        self.raise_fault()
        if self.working:
            raise TimeoutError(f"scanners still work after {seconds} s")

    def raise_fault(self) -> None:
        """Raise what the first scanner met that is not as promised, if any did."""
        if self.faults:
            raise self.faults[0]

    @property
    def working(self) -> bool:
        """Whether any scanner is at work."""
        return any(thread.is_alive() for thread in self._threads)

    @property
    def acknowledged(self) -> dict[str, int]:
        """Step by client id, of every pick that was answered."""
        return {key: step for scanner in self.scanners for key, step in list(scanner.acknowledged.items())}

    @property
    def counts(self) -> Counter[str]:
        """What all of them did."""
        return sum((scanner.counts for scanner in self.scanners), Counter())
