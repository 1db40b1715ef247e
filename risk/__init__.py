"""The detector: does a human need to look at this message, how soon, and at which of its words?

Knows nothing of Rasa or the clinic, so that both can use it. See docs/decisions/0004-the-detector.md.
"""

from risk.detector import Detector
from risk.verdict import Verdict

__all__ = ["Detector", "Verdict"]
