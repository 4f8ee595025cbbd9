"""The frame of every page: masthead, menu, path, sharing, terms, and the words of the app."""
