"""What the detector says about one message: how soon a human should look, and why. Never a risk level."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Literal, Mapping, Optional, Tuple, cast

Respond = Literal["now", "today", "next_working_day"]

# Soonest first. There is no fourth step: NICE NG225 rejects low, medium and high, and so does this project.
RESPONSES: Tuple[Respond, ...] = ("now", "today", "next_working_day")

# In the order in which a reader should see them.
CATEGORIES: Tuple[str, ...] = (
    "attempt_in_progress",
    "plan_or_intent",
    "suicidal_ideation_active",
    "suicidal_ideation_passive",
    "farewell_or_burden",
    "severe_hopelessness",
    "self_harm",
    "harm_to_others",
    "abuse_or_danger_from_others",
    "child_at_risk",
    "psychosis_or_voices",
)


def soonest(first: Respond, *others: Respond) -> Respond:
    """Returns whichever of the response speeds asks a human to look first."""
    return min((first, *others), key=RESPONSES.index)


def one_step_slower(respond: Respond) -> Respond:
    """Returns the next slower speed; next_working_day stays what it is, because a concern never vanishes."""
    return RESPONSES[min(RESPONSES.index(respond) + 1, len(RESPONSES) - 1)]


@dataclass(frozen=True)
class Verdict:
    """What was found in one message.

    Attributes:
        flagged: a human should look at this message.
        respond: how soon; None exactly when not flagged.
        categories: what it is about, of `CATEGORIES`, in their order.
        phrases: the person's own words that a rule matched, as they were typed.
        score: 0.0-1.0, how sure the detector is that a human should look. Not a measure of how ill or at risk a person
            is: it is never shown.
        tags: what was noticed besides (negation, past, hypothetical, other_person, imminent, procedure_question,
            across_messages, partly_read, detector_failed).
    """

    flagged: bool
    respond: Optional[Respond] = None
    categories: Tuple[str, ...] = ()
    phrases: Tuple[str, ...] = ()
    score: float = 0.0
    tags: Tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.flagged != (self.respond is not None):
            raise ValueError("a verdict has a response speed exactly when it is flagged")

    @classmethod
    def concern(cls, reason: str) -> Verdict:
        """Returns the verdict for a message that could not be screened: it counts as a concern.

        `reason` names the failure for whoever operates the service (`timeout`, `RuntimeError`); it becomes a tag, so it
        must never hold a patient's words.
        """
        return cls(flagged=True, respond="today", score=1.0, tags=("detector_failed", reason))

    def to_dict(self) -> dict[str, Any]:
        """Returns the JSON shape of the contract, plus `tags`."""
        return {key: list(value) if isinstance(value, tuple) else value for key, value in asdict(self).items()}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Verdict:
        """Reads what `to_dict` wrote (the door's verdict arrives in Rasa as metadata).

        Raises:
            ValueError: `data` is not a verdict; the message names the key.
        """
        try:
            respond = data["respond"]
            if respond is not None and respond not in RESPONSES:
                raise ValueError(f"'respond' is none of {', '.join(RESPONSES)}")
            return cls(
                flagged=bool(data["flagged"]),
                respond=cast(Optional[Respond], respond),
                categories=tuple(data["categories"]),
                phrases=tuple(data["phrases"]),
                score=float(data["score"]),
                tags=tuple(data.get("tags", ())),
            )
        except KeyError as error:
            raise ValueError(f"not a verdict: {error.args[0]!r} is missing") from None
        except TypeError:
            raise ValueError("not a verdict: a key holds a value of the wrong type") from None
