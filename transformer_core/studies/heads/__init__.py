"""What attention heads do, read from traces: measures of each head, tables of all, word alignments made by hand."""
