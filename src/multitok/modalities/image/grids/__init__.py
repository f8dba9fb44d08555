"""Rules that lay one grid of patches over the whole picture."""
