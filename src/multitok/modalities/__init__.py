"""Rule families by modality; nothing is imported until the registry asks for it by name."""
