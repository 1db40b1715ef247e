"""Rasa forgets a conversation when the clinic asks, and only then; run in Rasa's own environment."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PYTHON = ROOT / ".venv-assistant" / "bin" / "python"
pytestmark = pytest.mark.skipif(not PYTHON.is_file(), reason="the assistant's environment is not there (make run)")

# Over a real connection: the channel as Rasa makes it from credentials.yml, and a tracker store with a conversation.
_PROGRAM = """
import asyncio, json, types, urllib.error, urllib.request
from rasa.core.agent import Agent
from rasa.core.run import create_http_input_channels
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import UserUttered
from sanic import Sanic
from assistant.tracker_store import ForgettingTrackerStore

def ask(address, token):
    request = urllib.request.Request(
        address, data=json.dumps({"sender": "a"}).encode(), method="POST",
        headers={"Content-Type": "application/json", "Authorization": "Bearer " + token},
    )
    try:
        return urllib.request.urlopen(request).status
    except urllib.error.HTTPError as error:
        return error.code

async def main():
    (channel,) = create_http_input_channels(None, "credentials.yml")
    store = ForgettingTrackerStore(Domain.empty())
    app = Sanic("test_forget")
    app.ctx.agent = Agent(domain=Domain.empty(), tracker_store=store)
    app.blueprint(channel.blueprint(None), url_prefix="/webhooks/clinic")
    tracker = await store.get_or_create_tracker("a")
    tracker.update(UserUttered("words"))
    await store.save(tracker)
    server = await app.create_server(host="127.0.0.1", port=0, return_asyncio_server=True)
    await server.startup()
    port = server.server.sockets[0].getsockname()[1] if hasattr(server, "server") else server.sockets[0].getsockname()[1]
    address = f"http://127.0.0.1:{port}/webhooks/clinic/forget"
    seen, loop = {}, asyncio.get_running_loop()
    for token in ("", "wrong", "secret", "secret"):
        status = await loop.run_in_executor(None, ask, address, token)
        seen.setdefault(token or "none", []).append([status, await store.exists("a")])
    print(json.dumps(seen))

asyncio.run(main())
"""


def test_forget_needs_the_token_and_leaves_nothing() -> None:
    environment = {**os.environ, "INTERNAL_TOKEN": "secret", "PYTHONPATH": str(ROOT), "PYTHONWARNINGS": "ignore"}
    environment["RASA_TELEMETRY_ENABLED"] = "false"
    ran = subprocess.run(
        [PYTHON, "-c", _PROGRAM], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=240
    )
    assert ran.returncode == 0, ran.stderr[-2000:]
    seen = json.loads(ran.stdout.splitlines()[-1])
    assert seen == {"none": [[403, True]], "wrong": [[403, True]], "secret": [[200, False], [200, False]]}
