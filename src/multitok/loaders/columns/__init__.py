"""Columns of numbers: series and movement, in every format that holds them."""
