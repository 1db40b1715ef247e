"""PHQ-9, GAD-7 and any other questionnaire that is a data file."""
