"""Reads every data file as the service does at start, and says which crisis contacts are due for a check."""

from __future__ import annotations

import sys

from clinic.clock import now
from clinic.content.paths import ANSWERS, QUESTIONNAIRES
from clinic.content.service_texts import ServiceTexts
from clinic.content.topics import Topics
from clinic.content.yaml_files import DataFileError
from clinic.content_review.service import Content
from clinic.crisis.contacts import Contacts
from clinic.crisis.texts import CrisisTexts
from clinic.escalations.policy import EscalationPolicy
from clinic.languages.crisis_words import CrisisWords
from clinic.languages.texts import LanguageTexts
from clinic.notes.wordings import NoteWordings
from clinic.questionnaires.definitions import Questionnaires
from clinic.questionnaires.reading import Wordings
from clinic.questionnaires.reading.checking import make_readers


def main() -> int:
    """Returns 1 if a file is wrong or a contact overdue."""
    try:
        Content.load(Topics.load())
        contacts = Contacts.load()
        EscalationPolicy.load()
        CrisisTexts.load(contacts)
        CrisisWords.load()
        LanguageTexts.load()
        NoteWordings.load()
        questionnaires = Questionnaires.load(QUESTIONNAIRES)
        ServiceTexts.load(questionnaires=questionnaires)
        make_readers(questionnaires, Wordings.load(ANSWERS))
    except DataFileError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    overdue = contacts.overdue(now().date())
    for contact in overdue:
        sys.stderr.write(f"crisis contact '{contact.id}' was due for a check on {contact.review_on}\n")
    return int(bool(overdue))


if __name__ == "__main__":
    sys.exit(main())
