"""Tokenizers of the text modality: one file per rule family."""
