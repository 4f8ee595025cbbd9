"""What the figures of the app need: a visitor without a browser, the floor, the app with a window into its caches."""
