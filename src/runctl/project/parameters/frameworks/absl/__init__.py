"""absl flags."""
