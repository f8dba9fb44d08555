"""Tokenizers of the audio modality: one file per rule family."""
