"""Inviting people from the waiting list: one-time codes, and what proves that it is them."""
