"""A copy of everything that is kept about a person, its erasure, and how long things stay."""
