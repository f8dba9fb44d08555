"""Rules of hosted models: what a provider documents, which it may change."""
