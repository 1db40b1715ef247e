"""How well messages are understood, measured on sets that nothing is trained on. See `make evaluate`."""
