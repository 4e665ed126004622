"""Makes programs: an opening, random operations, an end; keeps those that are of use."""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from model import Unknown
from openings import OPENINGS
from run import write
from vocabulary import CELLS
from writer import MOST_OPS, Full, Writer

FEWEST_OPS = 3
# After so many programs it is looked which tags are scarce.
LOOK = 20
# Programs of so many operations are all tried.
SHORT = 9
# How likely a program is kept that has none of the scarce tags.
ORDINARY = 0.008

WALK = {
    "add": 24,
    "fire": 18,
    "cancel": 9,
    "make": 9,
    "pause": 5,
    "unpause": 5,
    "chain": 4,
    "timeout": 5,
    "advance": 7,
    "any_list": 4,
}


def candidate(rng: random.Random, profile: str) -> Writer:
    """One random program."""
    writer = Writer(rng, profile, returns=rng.choice((0.0, 0.1, 0.1, 0.3)))
    openings = rng.choices(
        [opening for _, opening in OPENINGS],
        [weight for weight, _ in OPENINGS],
        k=rng.choice((1, 1, 1, 2)),
    )
    with suppress(Full):
        for opening in openings:
            opening(writer)
        length = rng.randint(FEWEST_OPS, MOST_OPS - 4)
        for _ in range(3 * MOST_OPS):
            if len(writer.machine.ops) >= length:
                break
            walk(writer)
        if rng.random() < 0.6:
            wind_up(writer)
    return writer


def walk(writer: Writer) -> None:
    """One random operation."""
    if writer.machine.clock.getDelayedCalls() and writer.rng.random() < 0.2:
        writer.advance()
        return
    kind = writer.rng.choices(list(WALK), list(WALK.values()))[0]
    if kind == "any_list":
        spare = [d for d in writer.ledger if writer.spare(d, writer.ledger[d])]
        if len(spare) > 1:
            size = writer.rng.randint(1, min(3, len(spare)))
            which = writer.rng.choice(("list", "list", "gather", "race"))
            of = writer.rng.sample(spare, size)
            if writer.free and writer.rng.random() < 0.2:
                of.append(of[0])
            writer.list_of(which, of)
    else:
        getattr(writer, kind)()


def wind_up(writer: Writer) -> None:
    """Let what is pending come to an end."""
    if writer.rng.random() < 0.5:
        writer.advance(6)
    for d in list(writer.ledger):
        if writer.unfired(d, writer.ledger[d]) and not writer.called(d):
            writer.fire(d)
        while writer.ledger[d].pauses > 0 and writer.unpause(d):
            pass
    writer.advance(6)


def is_trivial(program: dict[str, Any]) -> bool:
    """Whether nothing much happens."""
    if not FEWEST_OPS <= len(program["ops"]) <= MOST_OPS:
        return True
    runs = sum(entry[1] in ("run", "canceller", "timer") for entry in program["trace"])
    fired = sum(entry[1] == "fired" for entry in program["trace"])
    return runs < 1 or runs + fired < 3


class Wanted:
    """Which tags are scarce among the programs that are kept."""

    def __init__(self) -> None:
        self.found: Counter[str] = Counter()
        # Of programs in which nothing deviates.
        self.plain: Counter[str] = Counter()
        self.kept = 0
        # A tag is scarce that not more programs have.
        self.enough = 1.0

    def wants(self, program: dict[str, Any]) -> bool:
        """Whether a program has a tag that is scarce."""
        tags = [tag for tag in program["features"] if tag in CELLS]
        if min(self.found[tag] for tag in tags) <= self.enough:
            return True
        # Programs in which nothing deviates prove most.
        plain = not program["deviations"]
        return plain and min(self.plain[tag] for tag in tags) <= self.enough / 4

    def keep(self, program: dict[str, Any]) -> None:
        """A program is kept."""
        self.found.update(program["features"])
        if not program["deviations"]:
            self.plain.update(program["features"])
        self.kept += 1
        if self.kept % LOOK == 0:
            self.enough = 1.1 * min(self.found[tag] for tag in CELLS) + 1


def programs(seed: int, count: int, profile: str) -> Iterator[dict[str, Any]]:
    """`count` programs of a profile; the same for the same seed."""
    wanted = Wanted()
    known: set[str] = set()
    tried = 0
    while wanted.kept < count:
        rng = random.Random(f"{seed}/{profile}/{tried}")
        tried += 1
        try:
            machine = candidate(rng, profile).machine
            program = write(machine, f"{profile[0]}{wanted.kept:05}")
        except Unknown:
            if profile == "linear":
                raise
            # Deferreds that are values of one another can be cancelled in a circle.
            Unknown.seen.clear()
            continue
        if program["profile"] != profile or is_trivial(program):
            continue
        # Long programs have more tags, but short ones say sooner what is wrong.
        if rng.random() > (SHORT / len(program["ops"])) ** 2:
            continue
        if profile == "linear" and not wanted.wants(program):
            if program["deviations"] or rng.random() > ORDINARY:
                continue
        text = json.dumps(program["ops"])
        if text in known:
            continue
        known.add(text)
        wanted.keep(program)
        yield program
