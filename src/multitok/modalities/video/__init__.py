"""Tokenizers of the video modality: one file per rule family."""
