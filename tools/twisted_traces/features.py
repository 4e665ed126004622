"""Tags a program with the situations that come up in it. FORMAT.md lists them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from twisted.python.failure import Failure

import rules
from model import Op, write_error

if TYPE_CHECKING:
    from run import Machine


def name_of(outcome: Any) -> str:
    """An outcome as part of a tag."""
    if not isinstance(outcome, Failure):
        return "succeeds"
    cancelled = write_error(outcome.value) == ["Cancelled"]
    return "is-cancelled" if cancelled else "fails"


def flags_of(op: Op) -> str:
    """The flags of a list, as in `c-x`."""
    flags = {"c": op["first_callback"], "e": op["first_errback"], "x": op["consume"]}
    return "".join(name if on else "-" for name, on in flags.items())


class Features:
    """The tags of one program, gathered while it runs."""

    def __init__(self, machine: Machine) -> None:
        self.machine = machine
        self.tags: set[str] = set()
        # Each with the operation during which it came up, and its deferred.
        self.deviations: list[tuple[int, str, int]] = []

    def tag(self, *tags: str) -> None:
        self.tags.update(tags)

    def deviates(self, d: int, what: str) -> None:
        """Twisted does something to `d` that another implementation may do otherwise."""
        self.tag(f"dev:{what}")
        self.deviations.append((len(self.machine.ops) - 1, f"dev:{what}", d))

    def list_kind(self, d: int) -> str:
        """`list:c-x`, `gather`, `race`, or the kind of any other deferred."""
        entry = self.machine.ledger[d]
        return f"list:{entry.flags}" if entry.made == "list" else entry.made

    def is_list(self, d: int) -> bool:
        return self.machine.ledger[d].made in ("list", "gather", "race")

    def canceller_of(self, d: int) -> str:
        return self.machine.ledger[d].canceller or "none"

    # Before an operation.

    def before(self, op: Op) -> None:
        """Tags of an operation, from the state that it finds."""
        kind = op["op"]
        self.tag(f"op:{kind}")
        special = getattr(self, "before_" + kind, None)
        if special:
            special(op)

    def before_new(self, op: Op) -> None:
        self.tag("canceller:" + (op["canceller"][0] if op["canceller"] else "none"))

    def before_list(self, op: Op) -> None:
        self.before_any_list("list:" + flags_of(op), op)
        if op["first_callback"] and not op["of"]:
            self.deviates(op["d"], "empty-list-first")

    def before_gather(self, op: Op) -> None:
        self.before_any_list("gather", op)

    def before_race(self, op: Op) -> None:
        self.before_any_list("race", op)
        if not op["of"]:
            self.deviates(op["d"], "empty-race")

    def before_any_list(self, kind: str, op: Op) -> None:
        self.tag(f"{kind}+any")
        if not op["of"]:
            self.tag(f"{kind}+empty")
        for member in op["of"]:
            self.tag(f"{kind}+{self.machine.status(member)}")
            if self.machine.ledger[member].was_cancelled:
                self.tag("member:was-cancelled")
            if self.is_list(member):
                self.tag("member:list")

    def before_add(self, op: Op) -> None:
        shape = "+".join(side for side, _ in rules.sides(op))
        status = self.machine.status(op["d"])
        self.tag(f"add:{shape}", f"add:while-{status}")
        if self.is_list(op["d"]):
            self.tag("add:to-list")
        self.after_chain(op["d"])

    def before_callback(self, op: Op) -> None:
        self.before_fire(op)

    def before_errback(self, op: Op) -> None:
        self.before_fire(op)

    def before_fire(self, op: Op) -> None:
        entry = self.machine.ledger[op["d"]]
        if entry.pauses:
            self.tag("fire:while-paused")
        if entry.used:
            self.tag("fire:used")
        if entry.was_cancelled and not entry.fires:
            self.tag(f"fire:after-cancel/{self.canceller_of(op['d'])}")
        if entry.chained_to:
            self.tag("fire:chained-first")
        if entry.timeouts:
            self.tag("fire:with-timeout")

    def before_cancel(self, op: Op) -> None:
        if self.machine.ledger[op["d"]].cancels:
            self.tag("cancel:again")

    def before_pause(self, op: Op) -> None:
        self.tag(f"pause:while-{self.machine.status(op['d'])}")
        if self.machine.ledger[op["d"]].pauses:
            self.tag("pause:again")

    def before_unpause(self, op: Op) -> None:
        self.tag(f"unpause:while-{self.machine.status(op['d'])}")
        if self.machine.ledger[op["d"]].used:
            self.tag("unpause:used")

    def before_timeout(self, op: Op) -> None:
        d = op["d"]
        self.tag(f"timeout:on-{self.machine.status(d)}")
        if op["instead"]:
            self.tag("timeout:instead")
        if self.is_list(d):
            self.tag(f"timeout:on-{self.machine.ledger[d].made}")
        if self.machine.ledger[d].chained_to:
            self.tag("timeout:on-chained-first")
        self.after_chain(d)

    def before_chain(self, op: Op) -> None:
        first, second = self.machine.ledger[op["d"]], self.machine.ledger[op["to"]]
        self.tag(f"chain:first-{self.machine.status(op['d'])}")
        if self.is_list(op["d"]):
            self.tag("chain:first-list")
        if second.steps:
            self.tag("chain:second-has-callbacks")
        if second.timeouts:
            self.tag("chain:second-has-timeout")
        if second.canceller:
            self.tag("chain:second-has-canceller")
        if first.chained_to:
            self.tag("chain:twice")
        self.after_chain(op["d"])

    def after_chain(self, d: int) -> None:
        """Something is to come after a chainDeferred."""
        if self.machine.ledger[d].chained_to:
            self.deviates(d, "after-chain")

    # While it runs.

    def used(self, d: int, how: str) -> None:
        if self.machine.ledger[d].pauses:
            self.tag(f"used:paused-{how}")
        self.after_chain(d)

    def returned(self, d: int, inner: int) -> None:
        """A callback of `d` returns `inner`."""
        status = self.machine.status(inner)
        entry = self.machine.ledger[inner]
        self.tag(f"return:{status}")
        if entry.pauses and status == "pending":
            self.tag("return:pending-paused")
        if self.machine.deferreds[inner]._callbacks:
            self.tag(f"return:{status}+callbacks")
        if entry.was_cancelled:
            self.tag("return:was-cancelled")
        if self.is_list(inner):
            self.tag("return:" + entry.made)
        if entry.timeouts:
            self.tag("return:with-timeout")
        if self.is_list(d):
            self.tag("return:from-list")
        if status in ("pending", "waiting", "paused"):
            depth = 1 + self.depth_below(inner) + self.depth_above(d)
            self.tag(f"return:deep-{min(depth, 4)}")

    def depth_below(self, d: int) -> int:
        """How many deferreds `d` waits for, one behind the other."""
        depth = 0
        while (inner := self.machine.waits_for(d)) is not None and depth < 9:
            d, depth = inner, depth + 1
        return depth

    def depth_above(self, d: int) -> int:
        """How many deferreds wait for `d`, one behind the other."""
        depth = 0
        while depth < 9:
            waiting = [one for one in self.machine.deferreds if self.machine.waits_for(one) == d]
            if not waiting:
                break
            d, depth = waiting[0], depth + 1
        return depth

    def run(self, side: str, does: list[Any], given: Any) -> None:
        """A callback runs."""
        failed = isinstance(given, Failure)
        if side == "timeout":
            self.tag(f"run:instead/{'failure' if failed else 'value'}")
        kind = does[0]
        if kind == "trap" and failed:
            hit = write_error(given.value)[0] in does[1]
            kind = "trap-hit" if hit else "trap-miss"
        self.tag(f"run:{kind}/{'failure' if failed else 'value'}")
        if isinstance(given, list):
            self.tag("run:on-list-value")
        if failed and write_error(given.value)[0] in ("FirstError", "FailureGroup"):
            self.tag("run:on-" + write_error(given.value)[0])
        if failed and write_error(given.value)[0] in ("Cancelled", "Timeout"):
            self.tag("run:on-" + write_error(given.value)[0])

    def fired(self, d: int, outcome: Any) -> None:
        """A deferred is fired."""
        entry = self.machine.ledger[d]
        if entry.chained_from and not entry.cancelling:
            self.tag(f"chain:second-{name_of(outcome)}")
        if not self.is_list(d):
            return
        kind = self.list_kind(d)
        self.tag(f"{kind}+{name_of(outcome)}")
        for member in entry.members:
            if not self.machine.ledger[member].settled:
                self.machine.ledger[member].left = True
                self.tag(f"{kind}+left-members")
        if "c" in entry.flags and isinstance(outcome, list) and entry.members:
            self.deviates(d, "list-all-failed")

    def visible(self, d: int) -> None:
        """Something is to be seen of `d`."""
        user: int | None = d
        seen = set()
        # A free program may go round in circles here.
        while user is not None and user not in seen:
            seen.add(user)
            entry = self.machine.ledger[user]
            if entry.left:
                self.deviates(d, "list-left-members")
                break
            user = entry.user

    def settled(self, d: int, outcome: Any) -> None:
        """A list or race learns what became of a member."""
        kind = self.list_kind(d)
        if d in self.machine.deferreds:
            self.tag(f"{kind}+later-{name_of(outcome)}")
            if self.machine.deferreds[d].called:
                self.tag("member:too-late")

    def fired_again(self, d: int) -> None:
        """A deferred is fired that has been fired or cancelled."""
        if self.machine.ledger[d].chained_from:
            self.deviates(d, "chain-second-gone")

    def cancel(self, d: int) -> None:
        """A cancellation reaches a deferred."""
        entry, status = self.machine.ledger[d], self.machine.status(d)
        unfired = status == "pending"
        self.tag(f"cancel:{status}")
        if entry.used == "raced" and self.cause(d) == "winner":
            self.deviates(d, "race-cancels-losers")
        if any(one is not entry and one.cancelling for one in self.machine.ledger.entries.values()):
            self.tag("cancel:forwarded")
        if unfired and entry.made == "new":
            self.tag(f"cancel:by-{self.cause(d)}/{self.canceller_of(d)}")
        if unfired and entry.pauses:
            self.tag("cancel:pending-paused")
        if entry.pauses and status == "waiting":
            self.tag("cancel:waiting-paused")
        if status == "paused":
            self.deviates(d, "cancel-while-paused")
        if status == "waiting":
            self.tag(f"cancel:waiting-deep-{min(self.depth_below(d), 3)}")
        if self.is_list(d):
            self.tag(f"{entry.made}+cancel-{status}")
            if status in ("pending", "waiting"):
                self.tag(f"{self.list_kind(d)}+cancel-{status}")
            if status == "waiting" and entry.made != "race":
                self.deviates(d, "cancel-fired-list")
            if unfired and entry.made == "race" and entry.members:
                self.deviates(d, "cancel-race")
        if entry.chained_to:
            self.tag(f"chain:cancel-first-{status}")
            seconds = [self.machine.deferreds[second] for second in entry.chained_to]
            if status in ("pending", "waiting") and not all(one.called for one in seconds):
                self.deviates(d, "cancel-chained")
                for second in entry.chained_to:
                    self.tag(f"chain:cancel-first/{self.canceller_of(second)}")
        if entry.chained_from:
            self.tag("chain:cancel-second")

    def cause(self, d: int) -> str:
        """What cancels `d`: an operation, a timer, or what it is used up by."""
        entry = self.machine.ledger[d]
        if entry.user is not None and entry.used != "chained":
            user = self.machine.ledger[entry.user]
            if user.cancelling:
                return "outer" if entry.used == "returned" else user.made
            # Nothing else can reach it now but its own timer.
            if entry.used == "raced" and self.machine.ringing != d:
                return "winner"
        return "timer" if self.machine.ringing == d else "op"

    def canceller(self, d: int) -> None:
        """A canceller runs."""
        if self.canceller_of(d) == "raise":
            self.deviates(d, "canceller-raises")
            user = self.machine.ledger[d].user
            if user is not None and self.is_list(user):
                self.tag("canceller:raises-in-" + self.machine.ledger[user].made)

    def timer(self, d: int) -> None:
        """The timer of a timeout rings."""
        status, entry = self.machine.status(d), self.machine.ledger[d]
        self.tag(f"timer:on-{status}")
        if self.is_list(d):
            self.tag(f"timer:on-{entry.made}")
        if entry.used:
            self.tag(f"timer:on-{entry.used}")
        if entry.chained_to:
            self.tag("timer:on-chained-first")

    # At the end.

    def at_the_end(self) -> None:
        """Tags of what the deferreds have come to."""
        for d, entry in self.machine.ledger.entries.items():
            self.tag(f"end:{self.machine.status(d)}")
            if entry.handed_on and not entry.used:
                self.tag("end:handed-on")
