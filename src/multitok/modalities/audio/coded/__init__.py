"""Sound as ids that decode, without a network."""
