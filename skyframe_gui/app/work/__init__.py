"""What reads files and calls the engine beside the window: lanes, stages, what runs in them."""
