"""What fits a budget of tokens: pictures, clips, texts, files."""
