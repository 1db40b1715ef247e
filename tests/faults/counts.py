"""What the fault tests counted, as a table."""

from __future__ import annotations

import os
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path


@dataclass
class Counts:
    """Counts by fault, in the order in which they were begun."""

    by_fault: dict[str, Counter[str]] = field(default_factory=dict)

    def of(self, fault: str) -> Counter[str]:
        """The counts of one fault."""
        return self.by_fault.setdefault(fault, Counter())

    def write(self) -> None:
        """To the file that FAULT_COUNTS names, if any."""
        if path := os.environ.get("FAULT_COUNTS"):
            Path(path).write_text(self.table() + "\n")

    def table(self) -> str:
        """Markdown, a column each fault."""
        rows = list(dict.fromkeys(name for count in self.by_fault.values() for name in count))
        lines = [f"| | {' | '.join(self.by_fault)} |", f"| --- |{' ---: |' * len(self.by_fault)}"]
        lines += [f"| {row} | {' | '.join(str(count[row]) for count in self.by_fault.values())} |" for row in rows]
        return "\n".join(lines)
