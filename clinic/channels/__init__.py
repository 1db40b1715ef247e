"""Where messages come in: the web chat and its API; SMS later."""
