"""The clinic service in a process of its own that dies by SIGKILL at a step that is chosen from outside.

A step is the moment before or after a commit or a send, named by the function that commits. Nothing of this is in the
service itself: the database's `do_commit`, the senders, the clock and the intervals of the jobs are replaced here.
"""

from __future__ import annotations

import faulthandler
import functools
import gc
import json
import os
import signal
import sys
import tempfile
import threading
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import clinic.clock

# Shared with the test that started this process: seconds by which the clock is ahead.
_offset: Any = None


def _moved_now() -> datetime:
    return datetime.now(UTC) + timedelta(seconds=_offset.value if _offset is not None else 0.0)


# Before anything else of the clinic is imported: every module takes `now` by name.
clinic.clock.now = _moved_now

import httpx  # noqa: E402
import uvicorn  # noqa: E402

import clinic.app  # noqa: E402
import clinic.services  # noqa: E402
from clinic.content import yaml_files  # noqa: E402
from clinic.content.paths import ANSWERS, DATA, QUESTIONNAIRES  # noqa: E402
from clinic.conversations.rasa_client import RasaClient  # noqa: E402
from clinic.encryption import configure_encryption  # noqa: E402
from clinic.outbox.models import OutboxItem  # noqa: E402
from clinic.outbox.relay import Relay  # noqa: E402
from clinic.questionnaires.definitions import Questionnaires  # noqa: E402
from clinic.questionnaires.reading import Wordings  # noqa: E402
from clinic.questionnaires.reading.checking import make_readers  # noqa: E402
from clinic.services import Services  # noqa: E402
from clinic.settings import ROOT, Settings  # noqa: E402
from tests.clinic.conftest import ScriptedDetector, ScriptedRasa, keep_open  # noqa: E402
from tests.faults.plan import Plan  # noqa: E402

# The jobs of the way to a human run this often; the others run once in each life.
JOBS_EVERY_S = 0.2
JOBS = frozenset({"stuck", "climbing", "watching", "left_alone"})
# Each life reads the same data files: they are read once, in the process that all lives are forked from.
yaml_files._compose = functools.cache(yaml_files._compose)
for _file in DATA.rglob("*.yml"):
    yaml_files._compose(_file)
_readers = make_readers(Questionnaires.load(QUESTIONNAIRES), Wordings.load(ANSWERS))
clinic.services.make_readers = lambda *given: _readers


def _load_everything() -> None:
    """Once, in the process that all lives are forked from: what is imported late takes longer than a whole story."""
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(_env_file=None, var_folder=Path(folder), alert_urls=["json://localhost"])
        configure_encryption(settings)
        clinic.app.create_app(Services.build(settings, detector=ScriptedDetector()))
    gc.freeze()


class Steps:
    """Counts the steps and dies at the chosen one."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._seen: Counter[str] = Counter()
        self._lock = threading.Lock()

    def at(self, name: str) -> None:
        with self._lock:
            self._seen[name] += 1
            _append(self._plan.steps, f"{name}\t{self._seen[name]}\n")
            if self._plan.kill_at == (name, self._seen[name]):
                os.kill(os.getpid(), signal.SIGKILL)

    def around_commits(self, database: Any) -> None:
        dialect = database.engine.dialect
        commit: Callable[[Any], None] = dialect.do_commit

        def do_commit(connection: Any) -> None:
            who = _who_commits()
            self.at(f"before commit: {who}")
            commit(connection)
            self.at(f"after commit: {who}")

        dialect.do_commit = do_commit


class FileSender:
    """The outside world: what arrives is a line in a file that outlives the process."""

    def __init__(self, channel: str, plan: Plan, steps: Steps) -> None:
        self._channel, self._plan, self._steps = channel, plan, steps

    def send(self, item: OutboxItem) -> None:
        self._steps.at(f"before send: {self._channel}")
        _append(self._plan.sent, json.dumps({"item": item.id, "channel": item.channel, **item.payload}) + "\n")
        self._steps.at(f"after send: {self._channel}")


_load_everything()


def serve(plan: Plan, offset: Any) -> None:
    """One life of the clinic service."""
    global _offset
    _offset = offset
    faulthandler.register(signal.SIGUSR1, file=plan.threads.open("w"))
    settings = Settings(
        _env_file=None,
        var_folder=plan.folder,
        database_url=plan.database_url,
        port=plan.port,
        staff_api_token="staff-token",
        internal_token="internal-token",
        rate_limit="off",
        alert_urls=["json://localhost"],
        test_alert_every_minutes=0,
    )
    configure_encryption(settings)
    services = Services.build(settings, detector=ScriptedDetector())
    keep_open(services)
    steps = Steps(plan)
    steps.around_commits(services.database)
    senders = {channel: FileSender(channel, plan, steps) for channel in plan.channels}
    services.relay = Relay(
        database=services.database, senders=senders, on_given_up=services.relay._on_given_up, pause_s=JOBS_EVERY_S
    )
    services.rasa = RasaClient(url="http://rasa", timeout_s=5, transport=httpx.MockTransport(ScriptedRasa().handle))
    jobs = clinic.app._jobs
    clinic.app._jobs = lambda *given: {
        name: (JOBS_EVERY_S if name in JOBS else seconds, work) for name, (seconds, work) in jobs(*given).items()
    }
    uvicorn.run(
        clinic.app.create_app(services), host="127.0.0.1", port=plan.port, log_level="critical", access_log=False
    )


def _who_commits() -> str:
    frame = sys._getframe(2)
    while frame is not None:
        path = Path(frame.f_code.co_filename)
        if path.is_relative_to(ROOT / "clinic") and path.name != "database.py":
            return f"{path.parent.name}.{path.stem}.{frame.f_code.co_name.strip('<>')}"
        frame = frame.f_back  # type: ignore[assignment]
    return "unknown"


def _append(path: Path, line: str) -> None:
    # One write in append mode: nothing is torn when the process dies after it.
    descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    os.write(descriptor, line.encode())
    os.close(descriptor)
