"""Conversations: store, screen, escalate, ask Rasa, check the reply, store, deliver."""
