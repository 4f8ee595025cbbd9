"""Trainings beside each other: with and without teacher forcing, and who remembers longest."""
