"""Reads one message a line and writes one verdict a line; trains, evaluates and checks the detector.

python -m risk < messages.txt          # one JSON line each (docs: the contract)
python -m risk --rules-only < ...      # without the classifier
python -m risk check-rules             # runs every rule's examples and near misses
python -m risk train                   # writes models/risk
python -m risk evaluate FILE...        # recall and false alarms; prints every miss
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Optional, Sequence

from risk.classifier.model import ModelMissing
from risk.data_file import DataError
from risk.detector import Detector


def main(arguments: Optional[Sequence[str]] = None) -> int:
    """Returns the exit status: 0, 1 where a check failed, 2 where data or model cannot be used."""
    parser = argparse.ArgumentParser(prog="python -m risk", description=__doc__.splitlines()[0])  # type: ignore[union-attr]
    parser.add_argument("--rules-only", action="store_true", help="work without the classifier")
    commands = parser.add_subparsers(dest="command")
    commands.add_parser("check-rules", help="run every rule's examples and near misses")
    commands.add_parser("train", help="train the classifier and write models/risk")
    evaluate = commands.add_parser("evaluate", help="measure recall and false alarms on labelled files")
    evaluate.add_argument("files", nargs="+", type=Path, help="corpus files (.tsv) or folders of them")
    chosen = parser.parse_args(arguments)
    try:
        if chosen.command == "check-rules":
            return _check_rules()
        if chosen.command == "train":
            from risk.classifier.training import train

            print(train(report=lambda line: print(line, file=sys.stderr)))
            return 0
        detector = Detector.load(rules_only=chosen.rules_only)
        if chosen.command == "evaluate":
            from risk.classifier.evaluation import evaluate as measure

            print(measure(detector, chosen.files))
            return 0
        return _screen_lines(detector)
    except (DataError, ModelMissing) as error:
        print(error, file=sys.stderr)
        return 2


def _screen_lines(detector: Detector) -> int:
    sys.stdin.reconfigure(encoding="utf-8", errors="replace", newline="\n")  # type: ignore[union-attr]
    sys.stdout.reconfigure(encoding="utf-8")  # type: ignore[union-attr]
    for line in sys.stdin:
        verdict = detector.screen(line.rstrip("\n"))
        print(json.dumps(verdict.to_dict(), ensure_ascii=False), flush=True)
    return 0


def _check_rules() -> int:
    from risk.rules.check import RuleChecker

    checker = RuleChecker()
    problems = checker.problems()
    for problem in problems:
        print(problem)
    rules = checker.rulebook.rules
    patterns = sum(len(rule.patterns) for rule in rules)
    print(f"{len(rules)} rules with {patterns} patterns: {len(problems)} problems")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
