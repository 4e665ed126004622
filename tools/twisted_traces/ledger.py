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

    def reaches(self, start: int, goal: int) -> bool:
        """Whether `start` may ever wait for `goal`."""
        seen: list[int] = []
        todo = [start]
        while todo:
            d = todo.pop()
            if d == goal:
                return True
            if d not in seen:
                seen.append(d)
                todo.extend(self.entries[d].awaits)
        return False
