"""What the stop of the suitcase shows."""
