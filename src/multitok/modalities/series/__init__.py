"""Tokenizers of the series modality: one file per rule family."""
