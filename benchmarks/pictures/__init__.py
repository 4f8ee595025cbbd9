"""The sides of the comparison of pictures of all heads, and what drawing them costs a browser."""
