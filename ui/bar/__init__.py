"""The line above every page: model, sentence, the reader's own words, edits."""
