"""Runs a program on the real Twisted and writes down what happens."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from twisted.internet import defer, task
from twisted.logger import globalLogBeginner
from twisted.python.failure import Failure

import rules
from features import Features, flags_of
from ledger import Entry, Ledger
from model import Op, Unknown, Winner, make_error, number, write_error

# Exceptions that DeferredList keeps to itself go to the log; here to the machine that runs.
_log: list[Callable[[dict[str, Any]], None]] = []
globalLogBeginner.beginLoggingTo(
    [lambda event: _log[-1](event) if _log else None],
    redirectStandardIO=False,
    discardBuffer=True,
)


class WatchedClock:
    """Tells the machine when a timer of `addTimeout` rings."""

    def __init__(self, machine: Machine, d: int, step: int) -> None:
        self.machine, self.d, self.step = machine, d, step

    def callLater(self, delay: float, what: Callable[[], None]) -> Any:
        def ring() -> None:
            self.machine.event("timer", self.d, self.step)
            self.machine.features.timer(self.d)
            self.machine.ringing = self.d
            self.machine.guarded(what)
            self.machine.ringing = None

        return self.machine.clock.callLater(delay, ring)


class Machine:
    """Carries out the operations of one program, one by one."""

    def __init__(self) -> None:
        self.clock = task.Clock()
        self.deferreds: dict[int, defer.Deferred[Any]] = {}
        self.numbers: dict[int, int] = {}
        self.ledger = Ledger()
        self.features = Features(self)
        # Whose timer rings just now.
        self.ringing: int | None = None
        self.ops: list[Op] = []
        self.trace: list[list[Any]] = []
        self.reasons: set[str] = set()

    # What happens is written down.

    def event(self, kind: str, *details: Any) -> list[Any]:
        """Append to the trace; the entry comes back, to be completed."""
        entry = [len(self.ops) - 1, kind, *details]
        self.trace.append(entry)
        if kind in ("fired", "run", "canceller", "timer"):
            self.features.visible(details[0])
        return entry

    def guarded(self, what: Callable[[], None]) -> None:
        """Do something, and write down what it raises."""
        try:
            what()
        except Exception as error:
            self.event("escaped", write_error(error))

    def logged(self, event: dict[str, Any]) -> None:
        """An exception that Twisted logged."""
        failure = event.get("log_failure")
        if failure is not None and "canceller" in (event.get("log_format") or ""):
            self.event("logged", write_error(failure.value))

    def write_value(self, value: Any) -> Any:
        """A value as JSON."""
        if isinstance(value, defer.Deferred):
            return {"deferred": self.numbers[id(value)]}
        if isinstance(value, Failure):
            return {"err": write_error(value.value)}
        if isinstance(value, Winner):
            return {"winner": [value.index, self.write_value(value.value)]}
        if isinstance(value, tuple):
            return self.write_outcome(value[1])
        if isinstance(value, list):
            return [self.write_value(one) for one in value]
        return value

    def write_outcome(self, value: Any) -> Any:
        """A value or a failure as JSON, each marked as what it is."""
        written = self.write_value(value)
        if isinstance(value, (Failure, defer.Deferred)):
            return written
        return {"ok": written}

    def read_value(self, written: Any) -> Any:
        """The value that an operation or a behaviour names."""
        if isinstance(written, dict):
            if "err" in written:
                return Failure(make_error(written["err"]))
            return self.deferreds[written["deferred"]]
        return list(written) if isinstance(written, list) else written

    # Operations.

    def apply(self, op: Op) -> None:
        """Carry out one operation of the program."""
        self.ops.append(op)
        _log.append(self.logged)
        try:
            self.perform(op)
        finally:
            _log.pop()

    def perform(self, op: Op) -> None:
        """Carry out an operation, also one in a callback."""
        self.reasons.update(rules.reasons(self.ledger, op))
        self.features.before(op)
        kind = op["op"]
        if kind == "advance":
            self.guarded(lambda: self.clock.advance(op["by"]))
        elif kind in ("new", "succeed", "fail", "list", "gather", "race"):
            self.make(op)
        else:
            self.guarded(lambda: getattr(self, "do_" + kind)(op, self.deferreds[op["d"]]))

    def make(self, op: Op) -> None:
        """Carry out an operation that makes a deferred."""
        d, kind = op["d"], op["op"]
        entry = Entry(made=kind)
        self.ledger.entries[d] = entry
        if kind == "new":
            if op["canceller"] is not None:
                entry.canceller = op["canceller"][0]
            made = defer.Deferred(self.canceller(d, op["canceller"]))
        elif kind == "succeed":
            made = defer.succeed(self.read_value(op["value"]))
        elif kind == "fail":
            made = defer.fail(make_error(op["error"]))
        else:
            made = self.make_list(d, op, entry)
        self.watch(d, made)

    def make_list(self, d: int, op: Op, entry: Entry) -> defer.Deferred[Any]:
        """A DeferredList, a gatherResults or a race."""
        kind = op["op"]
        members = [self.deferreds[member] for member in op["of"]]
        entry.members = list(op["of"])
        entry.awaits = list(op["of"])
        used = {"list": "listed", "gather": "gathered", "race": "raced"}[kind]
        for member in op["of"]:
            self.use(member, used, d)
            # After what came before the list, and before the list itself.
            self.deferreds[member].addBoth(self.settle, member, d)
        if kind == "gather":
            return defer.gatherResults(members, consumeErrors=op["consume"])
        if kind == "race":
            return defer.race(members)
        entry.flags = flags_of(op)
        return defer.DeferredList(
            members,
            fireOnOneCallback=op["first_callback"],
            fireOnOneErrback=op["first_errback"],
            consumeErrors=op["consume"],
        )

    def settle(self, outcome: Any, member: int, d: int) -> Any:
        """A member hands its outcome to its list."""
        self.ledger[member].settled = True
        self.features.settled(d, outcome)
        return outcome

    def do_add(self, op: Op, deferred: defer.Deferred[Any]) -> None:
        d, step = op["d"], op["step"]
        self.ledger.steps = max(self.ledger.steps, step + 1)
        self.ledger[d].steps += 1
        for _, behaviour in rules.sides(op):
            for returned in rules.returned_by(behaviour):
                self.ledger[returned].promised = step
                self.ledger[d].awaits.append(returned)
        run = {side: self.callback(d, step, side, does) for side, does in rules.sides(op)}
        if "both" in run:
            deferred.addBoth(run["both"])
        elif "errback" not in run:
            deferred.addCallback(run["callback"])
        elif "callback" not in run:
            deferred.addErrback(run["errback"])
        else:
            deferred.addCallbacks(run["callback"], run["errback"])

    def do_timeout(self, op: Op, deferred: defer.Deferred[Any]) -> None:
        d, step = op["d"], op["step"]
        self.ledger.steps = max(self.ledger.steps, step + 1)
        self.ledger[d].timeouts += 1
        instead = None
        if op["instead"] is not None:
            run = self.callback(d, step, "timeout", op["instead"])
            instead = lambda outcome, _after: run(outcome)  # noqa: E731
        deferred.addTimeout(op["after"], WatchedClock(self, d, step), instead)

    def do_callback(self, op: Op, deferred: defer.Deferred[Any]) -> None:
        self.ledger[op["d"]].fires += 1
        if isinstance(op["value"], dict) and "deferred" in op["value"]:
            self.ledger[op["d"]].awaits.append(op["value"]["deferred"])
        deferred.callback(self.read_value(op["value"]))

    def do_errback(self, op: Op, deferred: defer.Deferred[Any]) -> None:
        self.ledger[op["d"]].fires += 1
        deferred.errback(Failure(make_error(op["error"])))

    def do_cancel(self, op: Op, deferred: defer.Deferred[Any]) -> None:
        self.ledger[op["d"]].cancels += 1
        deferred.cancel()

    def do_pause(self, op: Op, deferred: defer.Deferred[Any]) -> None:
        self.ledger[op["d"]].pauses += 1
        deferred.pause()

    def do_unpause(self, op: Op, deferred: defer.Deferred[Any]) -> None:
        self.ledger[op["d"]].pauses -= 1
        deferred.unpause()

    def do_chain(self, op: Op, deferred: defer.Deferred[Any]) -> None:
        d, to = op["d"], op["to"]
        self.use(to, "chained", d)
        self.ledger[to].awaits.append(d)
        self.ledger[to].chained_from.append(d)
        self.ledger[d].chained_to.append(to)
        deferred.chainDeferred(self.deferreds[to])

    def use(self, d: int, how: str, user: int) -> None:
        """A deferred is used up."""
        entry = self.ledger[d]
        self.features.used(d, how)
        if entry.used is None:
            entry.used, entry.user = how, user

    # Deferreds are watched from outside, in their public methods.

    def watch(self, d: int, deferred: defer.Deferred[Any]) -> None:
        """Write down when a deferred is fired and when it is cancelled."""
        self.deferreds[d] = deferred
        self.numbers[id(deferred)] = d
        callback, errback, cancel = deferred.callback, deferred.errback, deferred.cancel
        if deferred.called:
            # Before gatherResults was attached to it, or succeed and fail made it so.
            deferred.result = self.named_winner(d, deferred.result)
            self.fired(d, deferred.result)
        else:
            deferred.callback = lambda value: self.fire(d, callback, value)
            deferred.errback = lambda value=None: self.fire(d, errback, value)
        deferred.cancel = lambda: self.cancel(d, cancel)

    def named_winner(self, d: int, value: Any) -> Any:
        """A pair of a winner and its index, told from other pairs."""
        entry = self.ledger[d]
        if isinstance(value, tuple) and entry.made == "race":
            return Winner(value[0], value[1])
        if isinstance(value, tuple) and entry.made == "list":
            return Winner(value[1], value[0])
        return value

    def fire(self, d: int, real: Callable[[Any], None], value: Any) -> None:
        """A deferred is fired, by whatever it may be."""
        deferred = self.deferreds[d]
        value = self.named_winner(d, value)
        if isinstance(value, Exception):
            value = Failure(value)
        if not deferred.called:
            self.fired(d, value)
        elif deferred._suppressAlreadyCalled:
            self.event("swallowed", d, self.write_outcome(value))
            self.features.fired_again(d)
        else:
            self.event("refused", d, self.write_outcome(value))
            self.features.fired_again(d)
        real(value)

    def fired(self, d: int, value: Any) -> None:
        """A deferred has an outcome; its callbacks have not run yet."""
        entry = self.ledger[d]
        if entry.made == "gather" and isinstance(value, list):
            # gatherResults takes the values out of it before any other callback.
            plain = [one[1] if isinstance(one, tuple) else one for one in value]
            self.event("fired", d, self.write_outcome(plain))
        else:
            self.event("fired", d, self.write_outcome(value))
        if entry.cancelling:
            entry.was_cancelled = True
        for first in entry.chained_from:
            if not entry.cancelling:
                self.ledger[first].handed_on = True
        self.features.fired(d, value)

    def cancel(self, d: int, real: Callable[[], None]) -> None:
        """A deferred is cancelled, by whatever it may be."""
        entry = self.ledger[d]
        self.features.cancel(d)
        before, entry.cancelling = entry.cancelling, True
        try:
            real()
        finally:
            entry.cancelling = before

    def canceller(self, d: int, does: list[Any] | None) -> Callable[..., None] | None:
        """A canceller that does what the program says."""
        if does is None:
            return None

        def cancel(deferred: defer.Deferred[Any]) -> None:
            self.event("canceller", d)
            self.features.canceller(d)
            if does[0] == "callback":
                deferred.callback(self.read_value(does[1]))
            elif does[0] == "errback":
                deferred.errback(Failure(make_error(does[1])))
            elif does[0] == "raise":
                raise make_error(does[1])

        return cancel

    # Callbacks.

    def callback(
        self, d: int, step: int, side: str, does: list[Any]
    ) -> Callable[[Any], Any]:
        """A function that behaves as the program says, and is written down when it runs."""

        def run(given: Any) -> Any:
            entry = self.event("run", d, step, side, self.write_outcome(given), None)
            self.features.run(side, does, given)
            try:
                out = self.behave(d, does, given)
            except Exception as error:
                entry[-1] = {"err": write_error(error)}
                raise
            entry[-1] = self.write_outcome(out)
            return out

        return run

    def behave(self, d: int, does: list[Any], given: Any) -> Any:
        """What a callback does with its input."""
        kind = does[0]
        if kind == "value":
            return self.read_value(does[1])
        if kind == "add":
            return number(given) + does[1]
        if kind == "raise":
            raise make_error(does[1])
        if kind == "failure":
            return Failure(make_error(does[1]))
        if kind == "pass":
            return given
        if kind == "reraise":
            if isinstance(given, Failure):
                given.raiseException()
            return given
        if kind == "trap":
            if not isinstance(given, Failure):
                return given
            if write_error(given.value)[0] not in does[1]:
                return given
            return self.behave(d, does[2], given)
        if kind == "do":
            self.perform(does[1])
            return self.behave(d, does[2], given)
        assert kind == "return", does
        inner = does[1]
        self.features.returned(d, inner)
        self.use(inner, "returned", d)
        return self.deferreds[inner]

    # The end.

    def waits_for(self, d: int) -> int | None:
        """The deferred that `d` waits for, because a callback returned it."""
        deferred = self.deferreds[d]
        result = getattr(deferred, "result", None)
        if isinstance(result, defer.Deferred) and deferred._chainedTo is result:
            return self.numbers[id(result)]
        return None

    def status(self, d: int) -> str:
        """`pending`, `waiting`, `paused` (with a result), `succeeded` or `failed`."""
        deferred = self.deferreds[d]
        if not deferred.called:
            return "pending"
        if self.waits_for(d) is not None:
            return "waiting"
        if deferred.paused:
            return "paused"
        return "failed" if isinstance(deferred.result, Failure) else "succeeded"

    def final(self) -> list[dict[str, Any]]:
        """What each deferred has come to."""
        deviates: dict[int, int] = {}
        for at, _, d in self.features.deviations:
            for other in self.ledger.connected(d):
                deviates[other] = min(at, deviates.get(other, at))
        final = [self.final_of(d) for d in self.ledger]
        for one in final:
            if one["d"] in deviates:
                one["deviates"] = deviates[one["d"]]
        return final

    def final_of(self, d: int) -> dict[str, Any]:
        """What one deferred has come to."""
        entry, status = self.ledger[d], self.status(d)
        final: dict[str, Any] = {"d": d, "state": status}
        if status == "waiting":
            final["on"] = self.waits_for(d)
        elif status != "pending":
            final["outcome"] = self.write_outcome(self.deferreds[d].result)
        if entry.pauses:
            final["pauses"] = entry.pauses
        if entry.used:
            final["used"] = [entry.used, entry.user]
        if entry.handed_on:
            final["handed_on"] = True
        return final


def record(ops: list[Op], name: str) -> dict[str, Any]:
    """Run a program; what comes back is the program with what happened."""
    machine = Machine()
    for op in ops:
        machine.apply(op)
    return write(machine, name)


def write(machine: Machine, name: str) -> dict[str, Any]:
    """A program that has run, with what happened."""
    final = machine.final()
    machine.features.at_the_end()
    if Unknown.seen:
        raise Unknown.seen[0]
    return {
        "id": name,
        "profile": "free" if machine.reasons else "linear",
        "reasons": sorted(machine.reasons),
        "features": sorted(machine.features.tags),
        "deviations": [list(one) for one in sorted(set(machine.features.deviations))],
        "ops": machine.ops,
        "trace": machine.trace,
        "final": final,
    }
