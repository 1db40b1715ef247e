"""What a person says about their reminders: the hour, no more of them, again, when. Read, done, and said back."""
