"""What the pages that change something show."""
