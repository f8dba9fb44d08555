"""From a source to its shape or its content."""
