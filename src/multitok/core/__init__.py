"""What everything stands on: errors, shapes, media, tokens, the two interfaces, names."""
