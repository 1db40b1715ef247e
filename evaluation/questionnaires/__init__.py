"""How well answers in questionnaires are read, on phrasings written before the rules and by somebody else."""
