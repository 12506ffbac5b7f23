import argparse

HORIZONS = (24, 48, 96)


def options() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(add_help=False)
    parser.add_argument("--horizon", type=int, choices=HORIZONS, default=HORIZONS[0])
    parser.add_argument("--features", nargs="+", default=["load"])
    return parser
