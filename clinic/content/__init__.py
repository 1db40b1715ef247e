"""Reviewed texts and topics as data, validated at start."""
