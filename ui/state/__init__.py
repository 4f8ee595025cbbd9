"""What the reader chose, where a value stands in the app, and the models and runs that all sessions share."""
