"""Twilio and a phone network on this machine: for tests, and for trying text messages with no account."""
