"""What several modalities code by; it knows none of them."""
