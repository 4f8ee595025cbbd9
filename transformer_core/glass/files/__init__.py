"""Plans, traces and weights in files, and the place of the assets."""
