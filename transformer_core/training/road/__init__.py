"""How those ancestors are made that learn by counting, or by pulling and pushing pairs of words."""
