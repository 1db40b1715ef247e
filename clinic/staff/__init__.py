"""Accounts and sessions of the people who work at the clinic."""
