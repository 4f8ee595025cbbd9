"""What one update of the weights is made of: loss, optimizer, schedule, average, checkpoint, processes."""
