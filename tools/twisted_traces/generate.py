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
ORDINARY = 0.01

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


def programs(seed: int, count: int, profile: str) -> Iterator[dict[str, Any]]:
    """`count` programs of a profile; the same for the same seed."""
    found: Counter[str] = Counter()
    known: set[str] = set()
    kept = tried = 0
    # A tag is scarce that not more programs have; one with a scarce tag is kept.
    enough = 1.0
    while kept < count:
        rng = random.Random(f"{seed}/{profile}/{tried}")
        tried += 1
        try:
            machine = candidate(rng, profile).machine
            program = write(machine, f"{profile[0]}{kept:05}")
        except Unknown:
            if profile == "linear":
                raise
            # Deferreds that are values of one another can be cancelled in a circle.
            Unknown.seen.clear()
            continue
        if program["profile"] != profile or is_trivial(program):
            continue
        text = json.dumps(program["ops"], sort_keys=True)
        if text in known:
            continue
        # Long programs have more tags, but short ones say sooner what is wrong.
        if rng.random() > (SHORT / len(program["ops"])) ** 2:
            continue
        if profile == "linear" and rng.random() > ORDINARY:
            tags = [tag for tag in program["features"] if tag in CELLS]
            if min(found[tag] for tag in tags) > enough:
                continue
        known.add(text)
        found.update(program["features"])
        kept += 1
        if kept % LOOK == 0:
            enough = 1.15 * min(found[tag] for tag in CELLS) + 1
        yield program
