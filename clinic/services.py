"""Everything the clinic service is made of, put together once at start."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

import clinic.models  # noqa: F401  (every table must be known before the first query: tables point at each other)
from clinic.channels.sms.contacts import number_of
from clinic.channels.sms.inviting import say_to_number
from clinic.channels.sms.service import Sms
from clinic.content.leaflet_answers import leaflet_answers
from clinic.content.paths import ANSWERS, QUESTIONNAIRES
from clinic.content.service_texts import ServiceTexts
from clinic.content.topics import Topics
from clinic.content_review.service import Content
from clinic.conversations.delivery import Doorbell
from clinic.conversations.rasa_client import RasaClient
from clinic.conversations.rate_limit import RateLimit
from clinic.conversations.screening import Detects, Screening
from clinic.conversations.typing import Typing
from clinic.courses.service import Courses
from clinic.crisis.contacts import Contacts
from clinic.crisis.service import CrisisReplies
from clinic.crisis.texts import CrisisTexts
from clinic.database import Database
from clinic.escalations.addresses import Addresses
from clinic.escalations.alerts import alert_senders
from clinic.escalations.emergency import EmergencyAlert
from clinic.escalations.given_up import tell_of_given_up
from clinic.escalations.outcomes import Outcomes
from clinic.escalations.policy import EscalationPolicy
from clinic.escalations.service import Escalations
from clinic.improvement.dialogue import ImprovementDialogue, ImprovementTexts
from clinic.improvement.examples import CommonNames, Improvement
from clinic.invitations.inviting import Inviting
from clinic.invitations.letters import Letters
from clinic.invitations.service import Invitations
from clinic.joining.deciding import Deciding
from clinic.joining.dialogue import JoiningDialogue
from clinic.joining.proving import Proving
from clinic.joining.texts import JoiningTexts
from clinic.journey.clinic_facts import ClinicFacts
from clinic.journey.messages import JourneyTexts
from clinic.journey.planning import Planner
from clinic.languages.crisis_words import CrisisWords, ScreenWithOtherLanguages
from clinic.languages.detection import Languages
from clinic.languages.texts import LanguageTexts
from clinic.notes.wordings import NoteWordings
from clinic.outbox.relay import Relay
from clinic.patients.phone_numbers import readable_phone
from clinic.questionnaires.definitions import Questionnaires
from clinic.questionnaires.filling import Filling
from clinic.questionnaires.reading import Wordings
from clinic.questionnaires.reading.checking import make_readers
from clinic.questionnaires.service import QuestionnaireService
from clinic.reminder_wishes.reading import ReminderReader
from clinic.rights.rasa_memory import RASA_MEMORY, RasaMemory
from clinic.settings import Settings


@dataclass
class Services:
    """One of each. Tests build their own with parts that fail on purpose."""

    settings: Settings
    database: Database
    topics: Topics
    content: Content
    texts: ServiceTexts
    contacts: Contacts
    crisis: CrisisReplies
    languages: Languages
    language_texts: LanguageTexts
    escalations: Escalations
    addresses: Addresses
    questionnaires: QuestionnaireService
    filling: Filling
    courses: Courses
    invitations: Invitations
    joining: JoiningDialogue
    joining_texts: JoiningTexts
    improvement: Improvement
    improvement_dialogue: ImprovementDialogue
    facts: ClinicFacts
    planner: Planner
    note_wordings: NoteWordings
    reminder_reader: ReminderReader
    inviting: Inviting
    letters: Letters
    screening: Screening
    rasa: RasaClient
    relay: Relay
    sms: Sms
    emergency: EmergencyAlert
    rate_limit: RateLimit
    doorbell: Doorbell = field(default_factory=Doorbell)
    typing: Typing = field(default_factory=Typing)
    # Set when the service stops: open event streams end.
    closing: asyncio.Event = field(default_factory=asyncio.Event)

    @classmethod
    def build(cls, settings: Settings, *, detector: Detects) -> Services:
        """Reads and checks every data file and connects the parts.

        Raises:
            DataFileError: a data file is wrong.
            DataKeysError: the encryption keys are.
        """
        database = Database(settings.resolved_database_url)
        questionnaires = Questionnaires.load(QUESTIONNAIRES)
        contacts, topics = Contacts.load(), Topics.load()
        senders = alert_senders(settings)
        policy, addresses = EscalationPolicy.load(), Addresses.of(settings)
        hours = policy.hours(settings.zone)
        escalations = Escalations(policy=policy, outcomes=Outcomes.load(), hours=hours, addresses=addresses)
        questionnaire_service = QuestionnaireService(questionnaires=questionnaires, escalations=escalations)
        invitations = Invitations(lifetime_days=settings.invitation_days, second_factor=settings.join_second_factor)
        joining_texts, facts = JoiningTexts.load(), ClinicFacts.load()
        sms = Sms.build(settings, database=database, escalations=escalations, on_given_up=tell_of_given_up(addresses))
        crisis_words = CrisisWords.load()
        join_url = f"{settings.base_url}/join"
        rasa_memory = RasaMemory(url=settings.rasa_url, token=settings.internal_token.get_secret_value())
        return cls(
            settings=settings,
            database=database,
            topics=topics,
            content=Content.load(topics),
            texts=ServiceTexts.load(questionnaires=questionnaires),
            contacts=contacts,
            crisis=CrisisReplies(CrisisTexts.load(contacts), hours=hours),
            languages=Languages(crisis_words),
            language_texts=LanguageTexts.load(),
            escalations=escalations,
            addresses=addresses,
            questionnaires=questionnaire_service,
            filling=Filling(questionnaire_service, make_readers(questionnaires, Wordings.load(ANSWERS))),
            courses=Courses(zone=settings.zone),
            invitations=invitations,
            joining=JoiningDialogue(
                proving=Proving(
                    texts=joining_texts,
                    facts=facts,
                    invitations=invitations,
                    clinic_name=settings.clinic_name,
                    join_url=join_url,
                    number_of=number_of,
                ),
                deciding=Deciding(texts=joining_texts, facts=facts, contacts=contacts, number_of=number_of),
                questionnaires=questionnaire_service,
            ),
            joining_texts=joining_texts,
            improvement=Improvement(
                names=CommonNames.load(), outcomes=escalations.outcomes, clinic_name=settings.clinic_name
            ),
            improvement_dialogue=ImprovementDialogue(ImprovementTexts.load()),
            facts=facts,
            inviting=Inviting(
                invitations=invitations,
                texts=joining_texts,
                facts=facts,
                clinic_name=settings.clinic_name,
                join_url=join_url,
                zone=settings.zone,
                say_to_number=say_to_number if sms.provider.name != "off" else None,
            ),
            letters=Letters(
                texts=joining_texts.letter,
                facts=facts,
                contacts=contacts,
                clinic_name=settings.clinic_name,
                join_url=join_url,
                zone=settings.zone,
                sms_number=readable_phone(settings.sms_number) if settings.sms_number else "",
            ),
            planner=Planner(
                texts=JourneyTexts.load(topics),
                facts=facts,
                answers=leaflet_answers(),
                contacts=contacts,
                zone=settings.zone,
            ),
            note_wordings=NoteWordings.load(),
            reminder_reader=ReminderReader.load(),
            screening=Screening(ScreenWithOtherLanguages(detector, crisis_words), timeout_s=settings.screen_timeout_s),
            rasa=RasaClient(url=settings.rasa_url, timeout_s=settings.rasa_timeout_s),
            relay=Relay(
                database=database,
                senders={**senders, RASA_MEMORY: rasa_memory},
                on_given_up=tell_of_given_up(addresses),
                without=("sms",),
                beside=[sms.relay],
            ),
            sms=sms,
            emergency=EmergencyAlert(senders),
            rate_limit=RateLimit(is_on=settings.rate_limit == "on", redis_url=settings.redis_url),
        )
