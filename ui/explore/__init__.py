"""What the pages that look into the model show."""
