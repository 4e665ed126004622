"""How many programs have each tag, each pair of tags and each pair of operations."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import combinations
from typing import Any

from vocabulary import CELLS, ENOUGH, KNOWN

# Names of the columns of the table of operations.
SHORT = 4


class Stats:
    """The counts of a corpus; tags are counted in linear programs."""

    def __init__(self, programs: Iterable[dict[str, Any]]) -> None:
        self.profiles: Counter[str] = Counter()
        self.reasons: Counter[str] = Counter()
        self.lengths: Counter[int] = Counter()
        self.tags: Counter[str] = Counter()
        self.pairs: Counter[tuple[str, str]] = Counter()
        # Of programs in which nothing deviates.
        self.plain: Counter[str] = Counter()
        self.plain_programs = 0
        self.deviations: Counter[str] = Counter()
        # Deferreds of linear programs, and those of them to which nothing deviates.
        self.deferreds = self.plain_deferreds = 0
        self.unknown: set[str] = set()
        for program in programs:
            self.profiles[program["profile"]] += 1
            self.reasons.update(program["reasons"])
            self.lengths[len(program["ops"])] += 1
            self.unknown.update(set(program["features"]) - KNOWN)
            if program["profile"] == "linear":
                self.count(program)

    def count(self, program: dict[str, Any]) -> None:
        """Count a linear program."""
        tags = sorted(program["features"])
        self.tags.update(tags)
        self.pairs.update(combinations(tags, 2))
        self.deviations.update({name for _, name, _ in program["deviations"]})
        self.deferreds += len(program["final"])
        self.plain_deferreds += sum("deviates" not in final for final in program["final"])
        if not program["deviations"]:
            self.plain_programs += 1
            self.plain.update(tags)

    def operations(self) -> list[str]:
        return sorted(tag for tag in self.tags if tag.startswith("op:"))

    def scarce(self) -> list[tuple[str, int]]:
        """The tags and pairs of operations that are in too few linear programs."""
        few = [(tag, self.tags[tag]) for tag in CELLS if self.tags[tag] < ENOUGH]
        for pair in combinations(self.operations(), 2):
            if self.pairs[pair] < ENOUGH:
                few.append((" with ".join(pair), self.pairs[pair]))
        return sorted(few)

    def table(self) -> Iterator[str]:
        """The counts as lines of text."""
        for profile, count in sorted(self.profiles.items()):
            yield f"{count:7} {profile}"
        shortest, longest = min(self.lengths), max(self.lengths)
        mean = sum(n * count for n, count in self.lengths.items()) / self.lengths.total()
        yield f"operations in a program: {shortest} to {longest}, {mean:.1f} on average"
        yield f"linear programs in which nothing deviates: {self.plain_programs}"
        yield f"their deferreds: {self.deferreds}; nothing deviates: {self.plain_deferreds}"
        yield "\nlinear programs with each deviation"
        for name, count in sorted(self.deviations.items()):
            yield f"{count:7} {name}"
        yield "\nreasons of free programs"
        for reason, count in sorted(self.reasons.items()):
            yield f"{count:7} {reason}"
        yield "\ntags of linear programs; of those in which nothing deviates"
        for tag, count in sorted(self.tags.items()):
            yield f"{count:7} {self.plain[tag]:7} {tag}"
        yield "\nlinear programs with both operations"
        names = [tag.removeprefix("op:") for tag in self.operations()]
        yield " " * 9 + " ".join(f"{name[:SHORT]:>{SHORT}}" for name in names)
        for row in names:
            cells = [self.both("op:" + row, "op:" + column) for column in names]
            yield f"{row:<8} " + " ".join(f"{cell:{SHORT}}" for cell in cells)
        yield f"\npairs of tags that come up together: {len(self.pairs)}"
        for least in (1, 10, ENOUGH):
            number = sum(count >= least for count in self.pairs.values())
            yield f"{number:7} in {least} programs or more"
        yield f"\nin fewer than {ENOUGH} linear programs, though they should not be:"
        yield from (f"{count:7} {tag}" for tag, count in self.scarce())
        yield from (f"unknown tag: {tag}" for tag in sorted(self.unknown))

    def both(self, one: str, other: str) -> int:
        """How many linear programs have both tags."""
        if one == other:
            return self.tags[one]
        return self.pairs[min(one, other), max(one, other)]

    def every_pair(self) -> Iterator[str]:
        """The count of every pair of tags, as lines of text."""
        for (one, other), count in sorted(self.pairs.items()):
            yield f"{count:7} {one}  {other}"
