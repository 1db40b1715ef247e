"""How well the detector finds what a human should look at, and what it disturbs them with."""
