"""What can be asked of a model's runs: measures of heads, importance, patching, masks, order, lens."""
