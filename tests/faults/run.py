"""One run: letters go through a house while everything around it breaks, and then in quiet, until all are settled."""

from __future__ import annotations

import re
import time
from collections import Counter, deque
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from tests.faults.books import Books
from tests.faults.clock import SharedClock
from tests.faults.house import House
from tests.faults.postgres import CrashingPostgres
from tests.faults.reports import BOUNCE_KINDS, EVENT_KINDS, Bounces, Reporter, Webhook, site
from tests.faults.script import (
    HTTP_CONNECTION,
    HTTP_REQUEST,
    SMTP_CONNECTION,
    SMTP_MAIL,
    SMTP_QUIT,
    SMTP_RESET,
    Happening,
    Script,
    What,
    kinds_of,
)
from tests.faults.sendgrid import sendgrid_server
from tests.faults.smtp import smtp_server
from tests.faults.supporters import Supporters, found_campaign
from tests.faults.timekeeper import Timekeeper
from tests.faults.verdict import Verdict, judge
from tests.support.signing import SigningKey

DATABASES, TRANSPORTS = ("sqlite", "postgresql"), ("smtp", "sendgrid")
LOOK_SECONDS = 0.05
GO_ON_SECONDS = 60
"""How long things go on going wrong, at the most, after the last letter was confirmed."""

_SMTP = {
    "MAIL_TRANSPORT": "smtp",
    "SMTP_HOST": "127.0.0.1",
    "SMTP_SECURITY": "none",
    "SMTP_TIMEOUT_SECONDS": "2",
    "SMTP_DATA_TIMEOUT_SECONDS": "3",
}
_SENDGRID = {"MAIL_TRANSPORT": "sendgrid", "SENDGRID_API_KEY": "SG.faulty", "SENDGRID_TIMEOUT_SECONDS": "2"}
_RAISED = re.compile(r'^(?:[a-z_]\w*\.)*(\w+Error|DeadlockDetected)(?=$|:|")', re.MULTILINE)
MEANT_ERRORS = frozenset(
    {
        *("OperationalError", "InterfaceError", "InternalError", "InvalidatePoolError"),
        *("ConnectionError", "BusyLoadingError", "TimeoutError", "FileNotFoundError"),
        *("ConnectionResetError", "ConnectionRefusedError", "BrokenPipeError"),
    }
)
"""What may be logged with a traceback while the database or Redis is away."""


class _NoEndError(Exception):
    """The letters did not come to rest in time."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What to run."""

    letters: int
    seed: int
    database: str
    transport: str
    patience: float
    """Seconds after which a run that has no end is given up."""

    @property
    def name(self) -> str:
        """As a table names it."""
        return f"{self.database}, {self.transport}"

    @property
    def kinds(self) -> list[str]:
        """Every kind of fault that its script has."""
        happenings = [what for what in What if self.database == "postgresql" or what is not What.POSTGRESQL_CRASHES]
        if self.transport == "smtp":
            return [*kinds_of(SMTP_CONNECTION, SMTP_MAIL, SMTP_RESET, SMTP_QUIT), *BOUNCE_KINDS, *happenings]
        return [*kinds_of(HTTP_CONNECTION, HTTP_REQUEST), *EVENT_KINDS, *happenings]


@dataclass(frozen=True, slots=True)
class Result:
    """What came of a run."""

    plan: Plan
    verdict: Verdict
    faults: Counter[str]
    seconds: float
    workers: int
    """How many worker processes there were."""
    leases_run_out: int
    errors: Counter[str]
    """What the workers logged with a traceback, by kind."""

    @property
    def never(self) -> list[str]:
        """Kinds of fault that did not happen."""
        return [kind for kind in self.plan.kinds if not self.faults[kind]]


def run(plan: Plan, folder: Path, tell: Callable[[str], None]) -> Result:
    """Let it all happen in a folder of its own; `tell` is told how it goes."""
    began = time.monotonic()
    ends: list[str] = []
    with ExitStack() as world:
        scene = _Scene(plan, world, folder, tell)
        with scene.house as house:
            try:
                scene.play(until=began + plan.patience)
            except _NoEndError as error:
                ends.append(str(error))
        with house.platform.sessions.read() as session:
            verdict = judge(session, scene.books, scene.supporters.letters)
    errors = errors_in(house.logs())
    odd = [f"{number} times {kind} in the logs" for kind, number in errors.items() if kind not in MEANT_ERRORS]
    verdict.strange += [*ends, *house.odd_ends, *odd]
    return Result(
        plan=plan,
        verdict=verdict,
        faults=scene.books.faults,
        seconds=time.monotonic() - began,
        workers=house.started,
        leases_run_out=scene.timekeeper.leases_run_out,
        errors=errors,
    )


class _Scene:
    """The house, the world around it, and what happens to both."""

    def __init__(self, plan: Plan, world: ExitStack, folder: Path, tell: Callable[[str], None]) -> None:
        self.plan, self._tell = plan, tell
        self._folder = folder
        self.script = Script(plan.seed, plan.letters)
        self.books = Books()
        self._happenings = deque(self.script.happenings(postgresql=plan.database == "postgresql"))
        self._clock = SharedClock(folder / "clock")
        world.callback(self._clock.close)
        self._postgres = world.enter_context(CrashingPostgres()) if plan.database == "postgresql" else None
        self._key = SigningKey()
        self.house = House(folder, self._database_url(), self._ways_out(world), self._clock)
        world.callback(self.house.platform.sessions.engine.dispose)
        self.supporters = Supporters(self.house.platform, self.script, found_campaign(self.house.platform))
        self.timekeeper = Timekeeper(self.house.platform, self._clock)
        self._reporter = self._report(world)
        self.books.tell = self._reporter.take

    def play(self, until: float) -> None:
        """Everything from the first letter to the last answer."""
        self.script.going.set()
        self._reporter.start()
        self.supporters.start()
        try:
            while not self.supporters.done:
                self._happen(len(self.supporters.letters))
                self._live(until)
            self._happen(self.plan.letters)
            self._tell(f"{self.plan.name}: every letter is confirmed")
            quiet_at = time.monotonic() + GO_ON_SECONDS
            while not self.timekeeper.all_done and time.monotonic() < quiet_at:
                self._live(until)
            self.script.going.clear()
            self._tell(f"{self.plan.name}: nothing goes wrong any more")
            self.house.redis.ensure_running()
            self._reporter.tell_the_rest()
            told = False
            while not (told and self.timekeeper.all_done):
                told = self._reporter.all_told  # before the look: the last report may queue one more notice
                self._live(until)
        finally:
            self.supporters.stopping.set()
            self._reporter.stop()

    def _live(self, until: float) -> None:
        self.house.tend()
        self.timekeeper.look()
        time.sleep(LOOK_SECONDS)
        if time.monotonic() > until:
            raise _NoEndError(f"no end after {self.plan.patience:.0f} seconds")

    def _happen(self, confirmed: int) -> None:
        """Whatever is to happen by the time that so many letters were confirmed."""
        while self._happenings and self._happenings[0].letters <= confirmed:
            happening = self._happenings.popleft()
            self.books.note_fault(happening.what)
            time.sleep(happening.after)
            self._bring_about(happening)

    def _bring_about(self, happening: Happening) -> None:
        match happening.what:
            case What.KILL:
                self.house.kill(happening.worker)
            case What.STOP:
                self.house.ask_to_stop(happening.worker)
            case What.REDIS_STOPS:
                self.house.redis.stop()
            case What.REDIS_STARTS:
                self.house.redis.ensure_running()
            case What.POSTGRESQL_CRASHES if self._postgres is not None:
                self._postgres.restart()

    def _database_url(self) -> str:
        return f"sqlite:///{self._folder}/faulty.sqlite3" if self._postgres is None else self._postgres.url

    def _ways_out(self, world: ExitStack) -> list[Mapping[str, str]]:
        """A server for each worker; the settings that lead to them."""

        def kill(worker: int) -> None:
            self.house.kill(worker)

        if self.plan.transport == "smtp":
            ports = world.enter_context(smtp_server(self.script, self.books, kill)).ports
            return [_SMTP | {"SMTP_PORT": str(port)} for port in ports]
        ports = world.enter_context(sendgrid_server(self.script, self.books, kill, self._clock)).ports
        own = _SENDGRID | {"SENDGRID_WEBHOOK_KEY": self._key.setting}
        return [own | {"SENDGRID_URL": f"http://127.0.0.1:{port}"} for port in ports]

    def _report(self, world: ExitStack) -> Reporter:
        if self.plan.transport == "smtp":
            return Bounces(self.house, self.script, self.books)
        port = world.enter_context(site(self.house))
        return Webhook(self.house, self.script, self.books, self._key, port)


def errors_in(logs: Sequence[Path]) -> Counter[str]:
    """The kinds of error in tracebacks; a line of the log holds a whole one."""
    texts = (log.read_text(errors="replace").replace("\\n", "\n") for log in logs)
    return Counter(match[1] for text in texts for match in _RAISED.finditer(text))
