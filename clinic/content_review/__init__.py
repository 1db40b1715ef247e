"""What patients read, for whoever looks after it: how easy it is, who reviewed it, how often it is given."""
