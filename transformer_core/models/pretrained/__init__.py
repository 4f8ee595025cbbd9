"""Other people's models: every module of this folder is one family, and nothing else names them.

A family is a `Family` record called FAMILY: which config.json it matches, what the fields of that file mean here, where
each of our parameters stands in its files, and how its tokenizers are read. What all families share is in `reading`.
"""
