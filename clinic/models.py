"""Every table, for migrations and tests that need them all."""

from clinic.audit.models import AuditEvent, AuditHead
from clinic.channels.sms import leaving  # noqa: F401  (its listeners send what is stored for SMS)
from clinic.channels.sms.models import SmsContact, SmsDelivery, SmsInbound
from clinic.conversations.models import Conversation, Message
from clinic.corrections.models import PatientChange
from clinic.courses.models import Course, CourseBreak, SessionReminder, TherapySession
from clinic.escalations.models import Escalation, EscalationNote
from clinic.invitations.models import Invitation, InvitationAttempt
from clinic.joining.models import Joining
from clinic.journey.models import JourneyMessage
from clinic.notes.models import Note
from clinic.outbox.models import Heartbeat, OutboxItem
from clinic.patients.models import Consent, ContactPoint, Patient
from clinic.questionnaires.models import QuestionnaireAnswer, QuestionnaireResponse
from clinic.questions.models import OpenQuestion
from clinic.rights.models import Erasure
from clinic.staff.models import StaffAccount, StaffPasskey, StaffRecoveryCode, StaffSession, StaffTotp
from clinic.waiting_list.models import WaitingListImport

ALL_MODELS = (
    AuditEvent,
    AuditHead,
    Consent,
    ContactPoint,
    Conversation,
    Course,
    CourseBreak,
    Message,
    Note,
    Erasure,
    Escalation,
    EscalationNote,
    Heartbeat,
    Invitation,
    InvitationAttempt,
    Joining,
    JourneyMessage,
    OpenQuestion,
    OutboxItem,
    Patient,
    PatientChange,
    QuestionnaireAnswer,
    QuestionnaireResponse,
    SessionReminder,
    SmsContact,
    SmsDelivery,
    SmsInbound,
    StaffAccount,
    StaffPasskey,
    StaffRecoveryCode,
    StaffSession,
    StaffTotp,
    TherapySession,
    WaitingListImport,
)
