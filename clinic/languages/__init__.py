"""Messages in other languages: noticing them, an honest answer, and a human told of words that may mean danger."""
