"""Pictures of results: overlays, contact sheets, charts."""
