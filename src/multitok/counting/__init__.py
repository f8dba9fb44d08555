"""From any source to a Count."""
