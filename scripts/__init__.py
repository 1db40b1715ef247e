"""What the Makefile calls: setting up, training, running, measuring."""
