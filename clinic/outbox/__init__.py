"""What must reach the outside is a row committed with its cause, sent at least once by the relay."""
