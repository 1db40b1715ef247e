"""Who the clinic cares for, how they may be reached, and what they have agreed to."""
