"""The clinic service: everything with a public address, a database or a clinician."""
