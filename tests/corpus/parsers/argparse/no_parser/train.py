"""No parser at all: pairs of words from sys.argv."""

import json
import sys

config = {"lr": 0.1, "epochs": 1, "name": "x"}


def main(argv):
    words = iter(argv)
    for word in words:
        if not word.startswith("--"):
            sys.exit("what is %s?" % word)
        key = word[2:].replace("-", "_")
        if key not in config:
            sys.exit("there is no %s" % key)
        config[key] = type(config[key])(next(words))
    print(json.dumps(config))


if __name__ == "__main__":
    main(sys.argv[1:])
