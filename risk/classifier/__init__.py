"""The second opinion: a linear model over a sentence embedding and hashed n-grams. Numpy alone at run time."""

from risk.classifier.inputs import is_trained

__all__ = ["is_trained"]
