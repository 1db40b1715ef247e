"""`make evaluate`: measures what is trained, prints a summary and writes models/evaluation.md. Trains nothing."""

from __future__ import annotations

import sys

from rich.markdown import Markdown
from rich.markup import escape

from evaluation.nlu.evaluate import evaluate
from evaluation.nlu.sets import EvaluationDataError
from evaluation.nlu.understanding import ModelUnusable
from scripts.progress import console
from scripts.train import MODELS, ROOT

REPORT = MODELS / "evaluation.md"


def main() -> int:
    """Returns the exit status."""
    try:
        summary, lines = evaluate()
    except (EvaluationDataError, ModelUnusable) as error:
        console.print(f"[red]x[/red] {escape(str(error))}", highlight=False)
        return 1
    REPORT.write_text("\n".join(lines) + "\n", encoding="utf-8")
    if sys.stdout.isatty():
        console.print(Markdown("\n".join(summary)))
    else:
        print("\n".join(summary))
    console.print(f"\n* the whole of it: {REPORT.relative_to(ROOT)}", highlight=False)
    return 0


if __name__ == "__main__":
    sys.exit(main())
