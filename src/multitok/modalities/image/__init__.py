"""Tokenizers of the image modality: one file per rule family."""
