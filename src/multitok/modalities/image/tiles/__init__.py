"""Rules that cut a picture into tiles, most with a small picture of the whole beside them."""
