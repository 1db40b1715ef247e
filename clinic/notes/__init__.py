"""Things to raise: questions and thoughts that a person keeps for the next session."""
