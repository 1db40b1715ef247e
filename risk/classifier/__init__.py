"""The second opinion: a linear model over a sentence embedding and hashed n-grams. Numpy alone at run time."""
