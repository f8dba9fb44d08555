"""Data sets: many items counted by many processes, and what training makes of them."""
