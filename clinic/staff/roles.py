"""Which role may do what: the one place that says so. Every console and staff route names a permission of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

Role = Literal["duty", "therapist", "administrator", "read_only"]
ROLES: tuple[Role, ...] = get_args(Role)
ROLE_NAMES: dict[str, str] = {
    "duty": "Duty clinician",
    "therapist": "Therapist",
    "administrator": "Administrator",
    "read_only": "Read only",
}

Permission = Literal[
    "use_console",
    "see_escalations",
    "answer_escalations",
    "see_conversations",
    "write_to_patients",
    "see_patients",
    "correct_patients",
    "export_patients",
    "export_everybody",
    "manage_courses",
    "assign_therapists",
    "erase_patients",
    "see_waiting_list",
    "invite",
    "import_waiting_list",
    "see_questions",
    "see_content",
    "see_service",
    "export_improvement",
    "manage_staff",
]


@dataclass(frozen=True)
class Rule:
    """What a permission is in words (docs/log-in.md shows them), and who has it."""

    meaning: str
    roles: tuple[Role, ...]


_ALL = ROLES
_CARES: tuple[Role, ...] = ("duty", "therapist")
_RUNS: tuple[Role, ...] = ("duty", "administrator")
_READS_WORDS: tuple[Role, ...] = ("duty", "therapist", "read_only")
# A therapist has all of it for their own patients only (clinic.console.patient_access). An administrator runs the
# service without reading a word that a patient wrote.
RULES: dict[Permission, Rule] = {
    "use_console": Rule("log in and look after the own account", _ALL),
    "see_escalations": Rule("see who is waiting for a person, with the words", _READS_WORDS),
    "answer_escalations": Rule("acknowledge, assign, note and close escalations", _CARES),
    "see_conversations": Rule("read conversations and what a patient wants to raise", _READS_WORDS),
    "write_to_patients": Rule("take a conversation over, write in it, hand it back", _CARES),
    "see_patients": Rule("see patients, their sessions and scores", _ALL),
    "correct_patients": Rule("correct a patient's details", ("duty", "therapist", "administrator")),
    "export_patients": Rule("export one patient's answers and record", ("duty", "therapist", "administrator")),
    "export_everybody": Rule("export everybody's answers", _RUNS),
    "manage_courses": Rule("plan sessions, breaks and reminders", ("duty", "therapist", "administrator")),
    "assign_therapists": Rule("say whose patient somebody is", _RUNS),
    "erase_patients": Rule("ask for an erasure, and confirm one that somebody else asked for", _RUNS),
    "see_waiting_list": Rule("see the waiting list", _ALL),
    "invite": Rule("invite people from the waiting list", ("duty", "therapist", "administrator")),
    "import_waiting_list": Rule("import a waiting list", _RUNS),
    "see_questions": Rule("see the questions that the leaflet leaves open, without names", _ALL),
    "see_content": Rule("see the answers with their reviews", _ALL),
    "see_service": Rule(
        "see how the service does, and whether the audit trail is whole", ("duty", "administrator", "read_only")
    ),
    "export_improvement": Rule(
        "download messages for improving the detector, of people who agreed, without names", ("administrator",)
    ),
    "manage_staff": Rule("see accounts, end their sessions, close them", ("administrator",)),
}
# Where a role begins after log-in: the first of these that it may see.
_HOMES: tuple[tuple[Permission, str], ...] = (
    ("see_escalations", "/console"),
    ("see_waiting_list", "/console/waiting-list"),
)


def may(role: str, permission: Permission) -> bool:
    """Whether a role may do something; one that nobody knows may do nothing."""
    return role in RULES[permission].roles


def home_of(role: str) -> str:
    """The page on which somebody with this role begins."""
    return next((page for permission, page in _HOMES if may(role, permission)), "/console/account")
