"""A whole request: its parts, framing, tools, budget and bill."""
