"""What Prometheus can read at /metrics. Counts and durations only, never a word of anybody's."""

from prometheus_client import Counter, Histogram

_FAST = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)

MESSAGES = Counter("interlude_messages_total", "Messages received from patients", ["channel"])
REPLIES = Counter("interlude_replies_total", "Messages sent to patients by the assistant", ["kind"])
ESCALATIONS = Counter("interlude_escalations_total", "Messages that a person must look at", ["respond"])
UNANSWERED = Counter("interlude_unanswered_total", "Messages answered with the safe reply", ["reason"])
NOT_SENT = Counter("interlude_not_sent_total", "Alerts and messages that were given up", ["channel"])
SCREEN_FAILURES = Counter("interlude_screen_failures_total", "Messages the detector gave no verdict on")
SCREEN_SECONDS = Histogram("interlude_screen_seconds", "Time to screen one message", buckets=_FAST)
TURN_SECONDS = Histogram("interlude_turn_seconds", "Time from a message to its stored reply", buckets=_FAST)
RASA_SECONDS = Histogram("interlude_rasa_seconds", "Time Rasa took for one turn", buckets=_FAST)
SMS_RECEIVED = Counter("interlude_sms_received_total", "Text messages taken from a provider", ["provider"])
SMS_REFUSED = Counter("interlude_sms_refused_total", "Webhook calls that were refused", ["reason"])
SMS_SEGMENTS = Counter("interlude_sms_segments_total", "Parts of text messages handed to a provider")
SMS_SENDING_FAILED = Counter("interlude_sms_sending_failed_total", "Text messages not taken for good", ["code"])
