"""The laboratory of masks: a mask is drawn, run, and told; padding, and a model that peeks."""
