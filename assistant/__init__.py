"""What runs inside Rasa: components, the channel to the clinic service, the tracker store (Python 3.10)."""
