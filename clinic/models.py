"""Every table, for migrations and tests that need them all."""

from clinic.audit.models import AuditEvent
from clinic.conversations.models import Conversation, Message
from clinic.escalations.models import Escalation
from clinic.outbox.models import Heartbeat, OutboxItem
from clinic.questionnaires.models import QuestionnaireAnswer, QuestionnaireResponse
from clinic.staff.models import StaffAccount, StaffSession

ALL_MODELS = (
    AuditEvent,
    Conversation,
    Message,
    Escalation,
    Heartbeat,
    OutboxItem,
    QuestionnaireAnswer,
    QuestionnaireResponse,
    StaffAccount,
    StaffSession,
)
