"""`make evaluate`: measures what is trained, prints a summary and writes models/evaluation.md. Trains nothing."""

from __future__ import annotations

import sys

from rich.markdown import Markdown
from rich.markup import escape

from evaluation.nlu import evaluate as nlu
from evaluation.nlu.sets import EvaluationDataError
from evaluation.nlu.understanding import ModelUnusable
from evaluation.questionnaires import reading
from evaluation.risk import evaluate as detector
from risk.classifier.model import ModelMissing
from risk.data_file import DataError
from scripts.progress import console
from scripts.train import MODELS, ROOT

REPORT = MODELS / "evaluation.md"
# Each gives its summary and its whole report, as lines of Markdown.
PARTS = (nlu.evaluate, detector.evaluate, reading.evaluate)


def main() -> int:
    """Returns the exit status."""
    try:
        parts = [part() for part in PARTS]
    except (EvaluationDataError, ModelUnusable, DataError, ModelMissing) as error:
        console.print(f"[red]x[/red] {escape(str(error))}", highlight=False)
        return 1
    summary = "\n\n".join("\n".join(short) for short, _ in parts)
    REPORT.write_text("\n\n".join("\n".join(lines) for _, lines in parts) + "\n", encoding="utf-8")
    if sys.stdout.isatty():
        console.print(Markdown(summary))
    else:
        print(summary)
    console.print(f"\n* the whole of it: {REPORT.relative_to(ROOT)}", highlight=False)
    return 0


if __name__ == "__main__":
    sys.exit(main())
