"""Writes a random program while it runs, so that every next operation knows the state."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import rules
from ledger import Entry
from model import Op
from run import Machine

LETTERS = "ABC"
MOST_OPS = 25
CANCELLERS = ("nothing", "callback", "errback", "raise")


class Full(Exception):
    """The program has as many operations as a program may have."""


class Writer:
    """One program in the making.

    A method that makes a deferred gives its number back. Other methods say whether there
    was anything to do it to.
    """

    def __init__(self, rng: random.Random, profile: str, returns: float) -> None:
        self.rng = rng
        self.machine = Machine()
        self.ledger = self.machine.ledger
        self.free = profile == "free"
        # How likely a callback returns a deferred.
        self.returns = returns

    def emit(self, op: Op) -> bool:
        """Carry an operation out, if the program may have it."""
        if len(self.machine.ops) >= MOST_OPS:
            raise Full
        if rules.makes_a_cycle(self.ledger, op):
            return False
        if not self.free and any(rules.reasons(self.ledger, op)):
            return False
        self.machine.apply(op)
        return True

    # Data.

    def value(self) -> Any:
        rng = self.rng
        shape = rng.random()
        if shape < 0.08:
            return None
        if shape < 0.16:
            return [rng.randint(0, 9) for _ in range(rng.randint(0, 3))]
        return rng.randint(-3, 9)

    def error(self) -> list[Any]:
        return [self.rng.choice(LETTERS), self.rng.randint(0, 9)]

    def canceller(self, does: str | None = None) -> list[Any] | None:
        does = does or self.rng.choice((None, None, *CANCELLERS))
        if does in (None, "none"):
            return None
        if does == "callback":
            return [does, self.value()]
        return [does] if does == "nothing" else [does, self.error()]

    # Which deferreds something can be done to.

    def some(self, fits: Callable[[int, Entry], bool]) -> int | None:
        """A random deferred that fits; later ones are likelier."""
        fitting = [d for d, entry in self.ledger.entries.items() if fits(d, entry)]
        if not fitting:
            return None
        return max(self.rng.choice(fitting), self.rng.choice(fitting))

    def usable(self, entry: Entry) -> bool:
        """Whether a deferred may be added to, cancelled and so on."""
        return entry.used is None or (self.free and self.rng.random() < 0.4)

    def spare(self, d: int, entry: Entry) -> bool:
        """Whether a deferred may be used up."""
        if self.free and self.rng.random() < 0.3:
            return True
        return entry.used is None and entry.promised is None

    def unfired(self, d: int, entry: Entry) -> bool:
        """Whether the program may still fire a deferred."""
        return entry.made == "new" and not entry.fires and not entry.chained_from

    def may_be_fired(self, d: int, entry: Entry) -> bool:
        """Whether Twisted could fire it: gatherResults breaks if it is done from outside."""
        return entry.made != "gather"

    def called(self, d: int) -> bool:
        return self.machine.deferreds[d].called

    # Behaviours.

    def behaviour(self, d: int, side: str) -> list[Any]:
        """What a callback of `d` does on that side."""
        rng = self.rng
        if rng.random() < self.returns:
            inner = self.some(
                lambda i, e: i != d and self.spare(i, e) and not self.ledger.reaches(i, d)
            )
            if inner is not None:
                return ["return", inner]
        if side in ("errback", "both", "timeout") and rng.random() < 0.35:
            types = rng.sample((*LETTERS, "Cancelled", "Timeout"), rng.randint(1, 3))
            return ["trap", sorted(types), self.plain_behaviour(side)]
        if self.free and side != "timeout" and rng.random() < 0.15:
            op = self.small_op()
            if op is not None:
                return ["do", op, self.plain_behaviour(side)]
        return self.plain_behaviour(side)

    def plain_behaviour(self, side: str) -> list[Any]:
        rng = self.rng
        kinds = ["value", "add", "add", "add", "pass", "raise", "failure"]
        if side != "callback":
            kinds += ["pass", "reraise", "add"]
        kind = rng.choice(kinds)
        if kind == "value":
            return [kind, self.value()]
        if kind == "add":
            return [kind, rng.randint(1, 9)]
        return [kind] if kind in ("pass", "reraise") else [kind, self.error()]

    def small_op(self) -> Op | None:
        """An operation for a callback to carry out."""
        d = self.some(self.may_be_fired)
        kind = self.rng.choice(("callback", "errback", "cancel", "pause", "unpause"))
        op: Op = {"op": kind, "d": d}
        if kind == "callback":
            op["value"] = self.rng.randint(0, 9)
        if kind == "errback":
            op["error"] = self.error()
        return op if d is not None else None

    # Operations that make a deferred.

    def number(self) -> int:
        return len(self.ledger)

    def new(self, canceller: str | None = None) -> int:
        d = self.number()
        self.emit({"op": "new", "d": d, "canceller": self.canceller(canceller)})
        return d

    def succeed(self) -> int:
        d = self.number()
        self.emit({"op": "succeed", "d": d, "value": self.value()})
        return d

    def fail(self) -> int:
        d = self.number()
        self.emit({"op": "fail", "d": d, "error": self.error()})
        return d

    def make(self) -> int:
        """A deferred: mostly one to be fired."""
        shape = self.rng.random()
        if shape < 0.7:
            return self.new()
        return self.succeed() if shape < 0.85 else self.fail()

    def list_of(self, kind: str, members: list[int], flags: str | None = None) -> int:
        """A list, a gather or a race of deferreds."""
        rng, d = self.rng, self.number()
        # One of them may be what another one's callback returns.
        of = [member for member in members if self.spare(member, self.ledger[member])]
        op: Op = {"op": kind, "d": d, "of": of}
        if kind == "list":
            chosen = rng.choice(("---", "c--", "-e-", "--x", "ce-", "c-x", "-ex", "cex"))
            flags = flags or chosen
            op["first_callback"], op["first_errback"] = flags[0] == "c", flags[1] == "e"
            op["consume"] = flags[2] == "x"
        if kind == "gather":
            op["consume"] = rng.random() < 0.5
        self.emit(op)
        return d

    # Operations on a deferred; without one given, on a random one.

    def target(self, d: int | None) -> int | None:
        return d if d is not None else self.some(lambda _, entry: self.usable(entry))

    def add(self, d: int | None = None, side: str | None = None) -> bool:
        d = self.target(d)
        if d is None:
            return False
        side = side or self.rng.choice(("callback", "callback", "errback", "pair", "both", "both"))
        op: Op = {"op": "add", "d": d, "step": self.ledger.steps}
        for one in ("callback", "errback") if side == "pair" else (side,):
            op[one] = self.behaviour(d, one)
        return self.emit(op)

    def add_return(self, d: int, inner: int, side: str | None = None) -> bool:
        """A callback of `d` that returns `inner`."""
        side = side or self.rng.choice(("callback", "both", "both", "both", "errback"))
        op: Op = {"op": "add", "d": d, "step": self.ledger.steps, side: ["return", inner]}
        if side != "both" and self.rng.random() < 0.5:
            other = "errback" if side == "callback" else "callback"
            op[other] = self.plain_behaviour(other)
        return self.emit(op)

    def timeout(self, d: int | None = None) -> bool:
        d = self.target(d)
        if d is None:
            return False
        instead = self.plain_behaviour("timeout") if self.rng.random() < 0.3 else None
        after = self.rng.randint(1, 5)
        step = self.ledger.steps
        return self.emit({"op": "timeout", "d": d, "step": step, "after": after, "instead": instead})

    def advance(self, by: int | None = None) -> bool:
        if not self.machine.clock.getDelayedCalls() and self.rng.random() < 0.98:
            return False
        return self.emit({"op": "advance", "by": by or self.rng.randint(1, 4)})

    def fire(self, d: int | None = None, how: str | None = None) -> bool:
        """Fire one that has not been fired, seldom one that has been cancelled."""
        if d is None:
            late = self.rng.random() < 0.2
            d = self.some(lambda d, e: self.unfired(d, e) and (late or not self.called(d)))
            if self.free and self.rng.random() < 0.25:
                d = self.some(self.may_be_fired)
        if d is None or not self.may_be_fired(d, self.ledger[d]):
            return False
        if (how or self.rng.choice(("callback", "callback", "errback"))) == "errback":
            return self.emit({"op": "errback", "d": d, "error": self.error()})
        return self.emit({"op": "callback", "d": d, "value": self.fire_value(d)})

    def fire_value(self, d: int) -> Any:
        if self.free and self.rng.random() < 0.12:
            return {"err": self.error()}
        if self.free and self.rng.random() < 0.08:
            other = self.some(lambda i, _: i != d and not self.ledger.reaches(i, d))
            if other is not None:
                return {"deferred": other}
        return self.value()

    def cancel(self, d: int | None = None) -> bool:
        if d is None:
            # Of what has its outcome, only now and then.
            late = self.rng.random() < 0.15
            d = self.some(lambda i, e: self.usable(e) and (late or self.open(i)))
        return d is not None and self.emit({"op": "cancel", "d": d})

    def open(self, d: int) -> bool:
        return self.machine.status(d) in ("pending", "waiting", "paused")

    def pause(self, d: int | None = None) -> bool:
        d = self.target(d)
        return d is not None and self.emit({"op": "pause", "d": d})

    def unpause(self, d: int | None = None) -> bool:
        if d is None:
            stray = self.free and self.rng.random() < 0.05
            d = self.some(lambda _, entry: entry.pauses > 0 or stray)
        return d is not None and self.emit({"op": "unpause", "d": d})

    def chain(self, first: int | None = None, second: int | None = None) -> bool:
        first = self.target(first)
        if second is None:
            second = self.some(
                lambda d, e: d != first and self.spare(d, e) and self.unfired(d, e)
            )
        if first is None or second is None or first == second:
            return False
        return self.emit({"op": "chain", "d": first, "to": second})
