"""Moving pictures: containers, animations, folders of frames."""
