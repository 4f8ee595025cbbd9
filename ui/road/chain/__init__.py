"""What stands at the stop of chains: cells beside each other, the way back of the gradient, who remembers."""
