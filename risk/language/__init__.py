"""How people really type: from a raw message to the plain words that rules and classifier read."""
