"""What the pages that write show."""
