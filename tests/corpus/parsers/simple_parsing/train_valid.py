"""The same dataclass twice: prefixes out of the places that they are put at."""

import json
from dataclasses import asdict, dataclass

from simple_parsing import ArgumentParser, ConflictResolution, mutable_field


@dataclass
class Loader:
    batch_size: int = 32
    shuffle: bool = False
    num_workers: int = 2


@dataclass
class Transforms:
    flip: bool = True
    crop: int = 224


@dataclass
class Dataset:
    root: str
    loader: Loader = mutable_field(Loader, batch_size=16)
    transforms: Transforms = mutable_field(Transforms, flip=False)


def main():
    parser = ArgumentParser(conflict_resolution=ConflictResolution.AUTO)
    parser.add_arguments(Dataset, "train", default=Dataset("data/train"))
    parser.add_arguments(Dataset, dest="valid")
    parser.add_arguments(Loader, dest="test", prefix="test_")
    args = parser.parse_args()
    print(json.dumps({"train": asdict(args.train), "valid": asdict(args.valid), "test": asdict(args.test)}))


if __name__ == "__main__":
    main()
