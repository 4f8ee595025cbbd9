"""What all figures share: colours, labels, heatmaps, the report, one cell explained."""
