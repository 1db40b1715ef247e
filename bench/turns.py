"""The same messages to every server in turn, so that all see the same machine at the same time."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from bench.action_stub import action_stub
from bench.processes import RasaClient, Serving, free_port, memory_mb, rasa
from bench.progress import steps
from bench.samples import conversations

_WARM_UP_TURNS = 20


@dataclass(frozen=True)
class Running:
    """What was measured of one `rasa run`: seconds of every turn, seconds to the first answer, MB after the turns."""

    turns: list[float]
    start_up_s: float
    memory_mb: float


def measure(models: Sequence[tuple[str, Path, Serving]], texts: Sequence[str]) -> list[Running]:
    """Starts a process a model and way of serving it, each twice, and asks them by turns.

    Of the two starts the quicker counts: the first one also reads libraries from a cold disk.

    Raises:
        ProcessFailed: one of them does not answer.
    """
    ports = [free_port() for _ in models]
    with action_stub() as actions_url, ExitStack() as stack:
        first_starts = []
        for (name, model, serving), port in zip(models, ports, strict=True):
            with rasa(name, model, port=port, actions_url=actions_url, serving=serving) as (_, seconds):
                first_starts.append(seconds)
        started = [
            stack.enter_context(rasa(name, model, port=port, actions_url=actions_url, serving=serving))
            for (name, model, serving), port in zip(models, ports, strict=True)
        ]
        clients = [RasaClient(port, serving) for (_, _, serving), port in zip(models, ports, strict=True)]
        for client in clients:
            stack.callback(client.close)
        turns = _by_turns(clients, texts)
        return [
            Running(turns[index], min(first_starts[index], seconds), memory_mb(pid))
            for index, (pid, seconds) in enumerate(started)
        ]


def _by_turns(clients: Sequence[RasaClient], texts: Sequence[str]) -> list[list[float]]:
    for text in texts[:_WARM_UP_TURNS]:
        for client in clients:
            client.ask("bench-warm-up", text)
    seconds: list[list[float]] = [[] for _ in clients]
    order = list(range(len(clients)))
    with steps("Asking them by turns", len(texts)) as advance:
        for number, conversation in enumerate(conversations(texts)):
            for text in conversation:
                for index in order:
                    seconds[index].append(clients[index].ask(f"bench-{number}", text))
                order.reverse()
                advance()
    return seconds
