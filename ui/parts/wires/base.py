"""What the messages of all sections are made of."""

Words = dict[str, str]  # texts by their names, of one section of assets/text
Side = str  # "source" or "target"
