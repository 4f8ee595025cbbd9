"""What the pages of the road draw."""
