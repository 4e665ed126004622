"""Records random programs over deferreds on the real Twisted. See README.md."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from typing import Any

import twisted

import corpus
from check import differences
from generate import programs
from model import TWISTED
from stats import Stats

# Differences that are shown; there may be more.
MOST_SHOWN = 20


def lines(seed: int, count: int, free: int) -> Iterator[dict[str, Any]]:
    """The lines of a file: its header, linear programs, free programs."""
    yield corpus.header(seed)
    yield from programs(seed, count, "linear")
    yield from programs(seed, free, "free")


def check(path: str) -> int:
    """Compare a file with what Twisted does now; the exit code."""
    found = list(differences(corpus.load(path)))
    for difference in found[:MOST_SHOWN]:
        print(difference)
    number = sum(1 for _ in corpus.load(path))
    print(f"{number} programs, {len(found)} came out otherwise than recorded")
    return 1 if found else 0


def stats(path: str, pairs: bool) -> int:
    """Print how often what comes up in a file; the exit code."""
    counted = Stats(corpus.load(path))
    for line in counted.every_pair() if pairs else counted.table():
        print(line)
    return 1 if counted.scarce() or counted.unknown else 0


def main(arguments: list[str] | None = None) -> int:
    """The command line; the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=6720, help="number of linear programs")
    parser.add_argument("--free", type=int, help="number of free programs (a tenth, at most 400)")
    parser.add_argument("--seed", type=int, default=1, help="what the programs are made from")
    task = parser.add_mutually_exclusive_group(required=True)
    task.add_argument("--out", metavar="FILE", help="record programs into FILE")
    task.add_argument("--check", metavar="FILE", help="run FILE again and compare")
    task.add_argument("--stats", metavar="FILE", help="count what comes up in FILE")
    parser.add_argument("--pairs", action="store_true", help="with --stats: every pair of tags")
    given = parser.parse_args(arguments)
    if twisted.__version__ != TWISTED:
        print(f"this is Twisted {twisted.__version__}; traces are of {TWISTED}", file=sys.stderr)
        return 2
    if given.check:
        return check(given.check)
    if given.stats:
        return stats(given.stats, given.pairs)
    free = min(400, given.count // 10) if given.free is None else given.free
    number = corpus.save(given.out, lines(given.seed, given.count, free))
    print(f"{number - 1} programs in {given.out}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
