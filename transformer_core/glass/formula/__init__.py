"""How every value follows from its inputs, and the terms of one cell."""
