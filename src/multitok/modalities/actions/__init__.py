"""Tokenizers of the actions modality: one file per rule family."""
