"""The parts of the NLU pipeline that Rasa does not bring along. Their order stands in config.yml."""
