"""The models on the road to attention: counts, a table, word vectors, chains. Each is a module and a plan."""
