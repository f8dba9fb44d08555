"""Documents: rules by the page."""
