"""What is asked of the models on the road to attention: one step of training, word vectors, chains, surprise."""
