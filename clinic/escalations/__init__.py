"""Escalations: a human is told, and stays told until a human has answered."""
