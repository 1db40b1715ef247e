"""The clinic's side in the browser: escalations, conversations, answers to people."""

from pathlib import Path

STATIC = Path(__file__).parent / "static"
