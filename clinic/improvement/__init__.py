"""Improving the detector from what staff saw: false alarms and missed messages, with consent and without identity."""
