"""Questionnaires for other systems: FHIR R4 for records, CSV for the service's own reporting."""
