"""The frame of every page: the bar with model and sentence, edits, and the words of the app."""
