"""Joining: who it is, what this is and is not, consent, and how and when messages may come."""
