"""From text to tokens and back: tokenizers and normalisation."""
