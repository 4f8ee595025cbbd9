"""Python that a reader takes home."""
