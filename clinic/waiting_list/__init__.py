"""Importing a clinic's waiting list from a CSV or Excel file: shown first, imported when confirmed."""
