"""What is known of each deferred of a program beside what Twisted knows itself."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass
class Entry:
    """One deferred of a program."""

    made: str
    """`new`, `succeed`, `fail`, `list`, `gather` or `race`."""
    canceller: str | None = None
    """What its canceller does, if it has one."""
    flags: str = ""
    """Of a list: its flags as in `c-x`."""
    members: list[int] = field(default_factory=list)
    """Of a list or race: what it is of."""
    used: str | None = None
    """How it was used up: `returned`, `listed`, `gathered`, `raced` or `chained`."""
    user: int | None = None
    """The deferred that it was used up by."""
    promised: int | None = None
    """The step that returns it, when that runs."""
    fires: int = 0
    """How often the program has fired it."""
    pauses: int = 0
    """How often the program has paused it and not unpaused it."""
    steps: int = 0
    """How many callbacks were added to it."""
    cancels: int = 0
    """How often the program has cancelled it."""
    cancelling: bool = False
    """A cancellation of it is under way."""
    was_cancelled: bool = False
    """It was fired by a cancellation."""
    chained_to: list[int] = field(default_factory=list)
    """What it fires in its turn (chainDeferred)."""
    chained_from: list[int] = field(default_factory=list)
    """What fires it in its turn."""
    handed_on: bool = False
    """It has fired what it is chained to, and holds None since."""
    awaits: list[int] = field(default_factory=list)
    """What it may ever wait for: never a cycle."""
    timeouts: int = 0
    """How many timeouts were added to it."""
    settled: bool = False
    """Of a member: its list has its outcome."""
    left: bool = False
    """Of a member: its list fired without its outcome."""


class Ledger:
    """The entries of a program, by the number of the deferred."""

    def __init__(self) -> None:
        self.entries: dict[int, Entry] = {}
        self.steps = 0

    def __getitem__(self, d: int) -> Entry:
        return self.entries[d]

    def __len__(self) -> int:
        return len(self.entries)

    def __iter__(self):
        return iter(self.entries)

    def connected(self, d: int) -> set[int]:
        """`d` and all that it has to do with, through whatever uses it or is used by it."""
        links: dict[int, set[int]] = {one: set() for one in self.entries}
        for one, entry in self.entries.items():
            for other in (*entry.members, *entry.chained_to, entry.user):
                if other is not None:
                    links[one].add(other)
                    links[other].add(one)
        found: set[int] = set()
        todo = [d]
        while todo:
            one = todo.pop()
            if one not in found:
                found.add(one)
                todo.extend(links[one])
        return found

    def reach(self, start: int) -> set[int]:
        """`start` and all that it may ever wait for."""
        found: set[int] = set()
        todo = [start]
        while todo:
            d = todo.pop()
            if d not in found:
                found.add(d)
                todo.extend(self.entries[d].awaits)
        return found

    def reaches(self, start: int, goal: int) -> bool:
        """Whether `start` may ever wait for `goal`."""
        return goal in self.reach(start)
