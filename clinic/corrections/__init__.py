"""Correcting what the clinic knows about a person, with the history of it."""
