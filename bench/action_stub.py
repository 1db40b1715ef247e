"""An action server that answers every call alike, so that both pipelines wait equally long for it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

_SESSION_START = {
    "events": [{"event": "session_started"}, {"event": "action", "name": "action_listen"}],
    "responses": [],
}
_ANSWER = {"events": [], "responses": [{"text": "ok"}]}


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # One packet an answer: two would wait for each other's acknowledgement, up to 40 ms.
    wbufsize = -1
    disable_nagle_algorithm = True

    def do_POST(self) -> None:
        call: dict[str, Any] = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        body = json.dumps(_SESSION_START if call["next_action"] == "action_session_start" else _ANSWER).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
        self.wfile.flush()

    def log_message(self, format: str, *args: Any) -> None:
        """Calls hold messages: nothing is logged."""


@contextmanager
def action_stub() -> Iterator[str]:
    """Runs the server on a free port; gives its address."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    server.daemon_threads = True
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/actions"
    finally:
        server.shutdown()
        server.server_close()
