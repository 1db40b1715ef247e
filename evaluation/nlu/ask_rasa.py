"""Runs in Rasa's environment: what a trained model makes of messages, without dialogue and without the risk screen.

    .venv-assistant/bin/python evaluation/nlu/ask_rasa.py MODEL < messages.jsonl > understood.jsonl

Reads one JSON object a line, {"text": ...}; writes {"intent", "ranking": [[name, confidence], ...], "seconds"}.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import time
from collections.abc import Iterable
from typing import TextIO

from rasa.core.agent import Agent  # type: ignore[import-not-found]
from rasa.core.channels.channel import UserMessage  # type: ignore[import-not-found]
from rasa.core.processor import MessageProcessor  # type: ignore[import-not-found]

# As if the door had screened and found nothing: what is measured is which topic a message is about.
_NO_CONCERN = {"verdict": {"flagged": False}}
_WARM_UP = "hello"


async def understand(processor: MessageProcessor, texts: Iterable[str], results: TextIO) -> None:
    """Writes one line a text, as soon as it is known."""
    for text in texts:
        started = time.perf_counter()
        parsed = await processor.parse_message(UserMessage(text, metadata=_NO_CONCERN))
        seconds = time.perf_counter() - started
        ranking = [[entry["name"], entry["confidence"]] for entry in parsed.get("intent_ranking") or []]
        line = {"intent": parsed["intent"]["name"], "ranking": ranking, "seconds": seconds}
        print(json.dumps(line), file=results, flush=True)


def main() -> None:
    """Answers standard input until it ends."""
    # Rasa and TensorFlow print where they like: what is ours goes to the real output, all else to the errors.
    results = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    processor = Agent.load(model_path=sys.argv[1]).processor
    if processor is None:
        sys.exit(f"{sys.argv[1]} is no trained model")
    with open(os.devnull, "w", encoding="utf-8") as nowhere:
        asyncio.run(understand(processor, [_WARM_UP], nowhere))
    texts = (json.loads(line)["text"] for line in sys.stdin)
    asyncio.run(understand(processor, texts, results))


if __name__ == "__main__":
    main()
