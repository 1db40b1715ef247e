"""A made-up clinic to look at: people, courses, scores, conversations and escalations, all invented."""
