import argparse
import asyncio
import collections
import contextlib
import functools
import json
import logging
import math
import random
import re
import threading
from typing import Dict, List, NamedTuple, Optional

logging.basicConfig(format="%(asctime)s %(message)s", level=logging.WARNING)
log = logging.getLogger(__name__)

PRIMES = [n for n in range(2, 3000) if all(n % d for d in range(2, int(n**0.5) + 1))]
TABLE = {i: math.sin(i) for i in range(20_000)}
total = 0
for i in range(200_000):
    total += i * i % 7
while total > 10:
    total //= 2
rng = random.Random(0)
while True:
    if rng.random() < 0.01:
        break
matrix = [[rng.random() for _ in range(50)] for _ in range(50)]


class Meta(type):
    registry: Dict[str, type] = {}

    def __new__(mcs, name, bases, namespace):
        cls = super().__new__(mcs, name, bases, namespace)
        mcs.registry[name] = cls
        return cls


class Layer(metaclass=Meta):
    __slots__ = ("width",)

    def __init__(self, width: int = 8) -> None:
        self.width = width

    def __call__(self, x):
        return [v * self.width for v in x]


class Point(NamedTuple):
    x: float
    y: float = 0.0


@functools.lru_cache(maxsize=None)
def fib(n):
    return n if n < 2 else fib(n - 1) + fib(n - 2)


@contextlib.contextmanager
def timer(name):
    log.info("%s starts", name)
    try:
        yield name
    finally:
        log.info("%s ends", name)


async def warm_up():
    async with asyncio.Lock():
        await asyncio.sleep(0)
    return [i async for i in numbers()]


async def numbers():
    for i in range(3):
        yield i


def tokens():
    for match in re.finditer(r"\w+", "the quick brown fox"):
        yield match.group()
    yield from ("jumps", "over")


def deep(n):
    return 0 if n == 0 else 1 + deep(n - 1)


fib(60), deep(200), asyncio.run(warm_up())
counts = collections.Counter(tokens())
lock = threading.Lock()
with timer("set up") as name, lock:
    first, *rest = sorted(counts)
    if (length := len(rest)) > 2:
        log.debug(f"{name!r} {length:>5} {first}")
assert deep(3) == 3, "broken"
del matrix


def parse(argv: Optional[List[str]] = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    parser.add_argument("--width", type=int, default=Layer().width)
    parser.add_argument("--lr", type=float, default=10**-3)
    parser.add_argument("--origin", type=float, nargs=2, default=list(Point(1.0)))
    parser.add_argument("--steps", type=int, default=fib(10))
    return parser.parse_args(argv)


if __name__ == "__main__":
    print(json.dumps(vars(parse())))
