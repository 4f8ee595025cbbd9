"""What stands on the pages of the road to the Transformer."""
