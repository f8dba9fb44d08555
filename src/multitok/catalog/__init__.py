"""Which model uses which rule with which numbers: rows of data, each with its source and date."""
