"""How the service does: counts and times for whoever runs it. Nobody's name, nobody's words."""
