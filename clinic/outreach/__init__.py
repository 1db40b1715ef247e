"""Messages that the clinic begins: reminders, news while waiting. Never in a crisis, never twice."""
