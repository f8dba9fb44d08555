"""Every form of a result: text for a terminal, JSON, HTML."""
