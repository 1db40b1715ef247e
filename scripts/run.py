"""`make run`: sets up what is missing, starts everything, prints the addresses, stops everything on Ctrl-C."""

from __future__ import annotations

import os
import secrets
import signal
import socket
import sys
import threading
import time
from pathlib import Path

import httpx
from honcho.manager import Manager
from honcho.printer import Printer

from clinic.settings import Settings
from clinic.staff.first_login import first_login_file
from scripts import train
from scripts.progress import console, run_logged

ROOT = Path(__file__).resolve().parents[1]
_READY_AFTER_S = 240.0
_PORTS_TRIED = 50
# As a shell counts them: ended by Ctrl-C, or told to.
_STOPPED_BY_HAND = (0, 128 + signal.SIGINT, 128 + signal.SIGTERM)


def main() -> None:
    """Runs until Ctrl-C or until a part dies; then stops the others."""
    settings = Settings()
    port = _choose_port(settings)
    train.main()
    run_logged(
        "Preparing the database",
        [sys.executable, "-m", "clinic", "migrate"],
        log=settings.var_folder / "log" / "migrate.log",
    )
    env = _environment(settings, port)
    manager = Manager(Printer(sys.stderr))
    manager.add_process("clinic", f"{sys.executable} -m clinic serve", env=env, cwd=str(ROOT))
    rasa = train.rasa_command(
        "run", "--model", str(train.MODEL), "-i", "127.0.0.1", "-p", env["RASA_URL"].rsplit(":", 1)[1]
    )
    # Rasa's libraries talk a lot at start; what they say is for whoever looks for it.
    log = settings.var_folder / "log" / "rasa.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    manager.add_process(
        "rasa",
        f"exec {' '.join(rasa)} > {log} 2>&1",
        env={**env, **train.QUIET_RASA, **for_rasa(env)},
        cwd=str(ROOT),
    )
    threading.Thread(target=_announce, args=(env, settings), daemon=True).start()
    # Ends when Ctrl-C is pressed or when any process ends; the exit status tells which.
    manager.loop()
    if manager.returncode in _STOPPED_BY_HAND:
        sys.exit(0)
    console.print(f"[red]A part has ended by itself.[/red] What Rasa said last stands in {log}", highlight=False)
    sys.exit(manager.returncode or 1)


def _choose_port(settings: Settings) -> int:
    """PORT if it was given (and is free), else the first free one from 8000."""
    if "port" in settings.model_fields_set:
        if not _is_free(settings.host, settings.port):
            console.print(f"[red]Port {settings.port} is taken.[/red] Stop what uses it, or set PORT to another.")
            sys.exit(1)
        return settings.port
    for port in range(settings.port, settings.port + _PORTS_TRIED):
        if _is_free(settings.host, port):
            if port != settings.port:
                console.print(f"* port {settings.port} is taken; using {port}", highlight=False)
            return port
    console.print(f"[red]No free port from {settings.port} on.[/red] Set PORT to a free one.")
    sys.exit(1)


def _is_free(host: str, port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
        return True


def _any_free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _environment(settings: Settings, port: int) -> dict[str, str]:
    given = settings.internal_token.get_secret_value()
    rasa_url = os.environ.get("RASA_URL") or f"http://127.0.0.1:{_any_free_port()}"
    return {
        **os.environ,
        "PORT": str(port),
        "RASA_URL": rasa_url,
        "INTERNAL_TOKEN": given or secrets.token_urlsafe(24),
        "PYTHONUNBUFFERED": "1",
        "PYTHONPATH": str(ROOT),
    }


def for_rasa(env: dict[str, str]) -> dict[str, str]:
    """What Rasa needs beside the common environment."""
    return {
        "ACTIONS_URL": f"http://127.0.0.1:{env['PORT']}/internal/actions",
        "INTERNAL_TOKEN": env["INTERNAL_TOKEN"],
        "LOG_LEVEL": os.environ.get("RASA_LOG_LEVEL", "ERROR"),
        "TF_NUM_INTRAOP_THREADS": "1",
        "TF_NUM_INTEROP_THREADS": "1",
        "OMP_NUM_THREADS": "1",
    }


def _announce(env: dict[str, str], settings: Settings) -> None:
    base = f"http://127.0.0.1:{env['PORT']}"
    started = time.monotonic()
    console.print("* starting (Rasa takes the longest) ...", highlight=False)
    while time.monotonic() - started < _READY_AFTER_S:
        try:
            answer = httpx.get(f"{base}/readyz", timeout=10, trust_env=False)
            if answer.status_code == 200:
                break
        except httpx.HTTPError:
            pass  # not listening yet
        time.sleep(0.5)
    else:
        console.print(f"[red]Not everything is ready after {_READY_AFTER_S:.0f} s:[/red] see {base}/readyz")
        return
    console.print(f"\n[green]Interlude runs[/green] (ready in {time.monotonic() - started:.0f} s)\n", highlight=False)
    console.print(f"  Chat, as a patient     {base}/", highlight=False)
    console.print(f"  Console, as the clinic {base}/console", highlight=False)
    if settings.resolved_sms_provider == "emulator":
        console.print(f"  Phone, to try SMS      {base}/emulator", highlight=False)
    login = first_login_file(settings)
    if login.is_file():
        username, _, password = login.read_text().strip().partition(" ")
        console.print(f"  First log-in           {username}  {password}", highlight=False, markup=False)
    console.print("\n  Ctrl-C stops everything.\n", highlight=False)


if __name__ == "__main__":
    main()
