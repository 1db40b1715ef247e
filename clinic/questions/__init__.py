"""Questions that the leaflet leaves open: kept for the clinic to see, never as a person's record."""
