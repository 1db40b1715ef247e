"""The course of sessions of one patient: dates, breaks and cancellations."""
