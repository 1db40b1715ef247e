"""Latency, start-up, training time and memory beside Rasa's default pipeline. See `make bench`."""
