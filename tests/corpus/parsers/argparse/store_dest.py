from __future__ import print_function

import argparse
import json

# Training settings
parser = argparse.ArgumentParser(description="PyTorch MNIST Example")
parser.add_argument(
    "--batch-size", type=int, default=64, metavar="N", help="input batch size for training (default: 64)"
)
parser.add_argument("--gamma", type=float, default=0.7, metavar="M", help="Learning rate step gamma (default: 0.7)")
parser.add_argument("--no-cuda", action="store_true", default=False, help="disables CUDA training")
parser.add_argument("--no-shuffle", dest="shuffle", action="store_false", help="do not shuffle")
parser.add_argument("--no-augment", action="store_false", help="its value is no_augment, true unless given")
parser.add_argument("--fp16", dest="half", action="store_true")
parser.add_argument("--with-bias", dest="bias", action="store_true", default=None)
parser.add_argument("--without-bias", dest="bias", action="store_false", default=None)
parser.add_argument("--dry-run", action="store_true", default=False, help="quickly check a single pass")
parser.add_argument("--save-model", action="store_true", default=False, help="For Saving the current Model")


def main():
    args = parser.parse_args()
    use_cuda = not args.no_cuda
    print(json.dumps(dict(vars(args), use_cuda=use_cuda)))


if __name__ == "__main__":
    main()
