"""jsonargparse."""
