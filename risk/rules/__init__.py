"""Rules as data (one YAML file a category) and what reads, checks and runs them."""
