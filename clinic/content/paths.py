"""Where the reviewed texts stand."""

from clinic.settings import ROOT

DATA = ROOT / "data"
TOPICS = DATA / "topics.yml"
CONTACTS = DATA / "crisis" / "contacts.yml"
CRISIS_TEXTS = DATA / "crisis" / "texts.yml"
SERVICE_TEXTS = DATA / "service" / "texts.yml"
SMS_TEXTS = DATA / "service" / "sms.yml"
LANGUAGE_TEXTS = DATA / "service" / "other_languages.yml"
CRISIS_WORDS = DATA / "crisis" / "words_in_other_languages.yml"
QUESTIONNAIRES = DATA / "questionnaires"
ESCALATION_POLICY = DATA / "escalation_policy.yml"
ESCALATION_OUTCOMES = DATA / "escalation_outcomes.yml"
NOTE_WORDINGS = DATA / "notes" / "wordings.yml"
ANSWERS = DATA / "answers"
IMPROVEMENT_TEXTS = DATA / "improvement" / "texts.yml"
IMPROVEMENT_NAMES = DATA / "improvement" / "names.yml"
