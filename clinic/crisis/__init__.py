"""Crisis contacts and crisis texts: what a person in danger reads first."""
