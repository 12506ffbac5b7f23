"""argparse."""
