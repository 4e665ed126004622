"""Tests of the recorder: `python -m unittest test_record` in this folder.

The outcomes of the programs below were derived by hand from what is known of Twisted.
"""

from __future__ import annotations

import copy
import gzip
import json
import re
import tempfile
import unittest
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path
from typing import Any

import corpus
import record as command
import rules
from check import differences
from generate import programs
from model import Op
from run import record
from vocabulary import KNOWN, LINEAR, SELDOM

HERE = Path(__file__).parent
COMMITTED = HERE.parent.parent / "tests" / "data" / "twisted_traces.jsonl.gz"

CANCELLED = {"err": ["Cancelled"]}


def new(d: int, canceller: list[Any] | None = None) -> Op:
    return {"op": "new", "d": d, "canceller": canceller}


def add(d: int, step: int, **sides: list[Any]) -> Op:
    return {"op": "add", "d": d, "step": step, **sides}


def fire(d: int, value: Any) -> Op:
    return {"op": "callback", "d": d, "value": value}


def fail(d: int, *error: Any) -> Op:
    return {"op": "errback", "d": d, "error": list(error)}


def cancel(d: int) -> Op:
    return {"op": "cancel", "d": d}


def listed(d: int, of: list[int], flags: str = "---") -> Op:
    first_callback, first_errback, consume = (flag != "-" for flag in flags)
    return {
        "op": "list",
        "d": d,
        "of": of,
        "first_callback": first_callback,
        "first_errback": first_errback,
        "consume": consume,
    }


class Programs(unittest.TestCase):
    """Programs by hand."""

    def run_ops(self, *ops: Op) -> dict[str, Any]:
        self.program = record(list(ops), "by hand")
        return self.program

    def runs(self, d: int) -> list[list[Any]]:
        """What the callbacks of a deferred got and gave, each after its operation and step."""
        trace = self.program["trace"]
        return [[at, step, *rest] for at, kind, one, step, *rest in self.long(trace) if one == d]

    @staticmethod
    def long(trace: list[list[Any]]) -> list[list[Any]]:
        return [entry for entry in trace if entry[1] == "run"]

    def events(self, kind: str) -> list[list[Any]]:
        return [[at, *rest] for at, one, *rest in self.program["trace"] if one == kind]

    def outcome(self, d: int) -> Any:
        return self.program["final"][d].get("outcome")

    def state(self, d: int) -> str:
        return self.program["final"][d]["state"]


class Chains(Programs):
    def test_a_pair_is_exclusive(self) -> None:
        pair = add(0, 0, callback=["raise", ["A", 4]], errback=["value", 1])
        self.run_ops(new(0), pair, add(0, 1, errback=["add", 1]), fire(0, 3))
        raised = {"err": ["A", 4]}
        self.assertEqual(
            self.runs(0),
            [[3, 0, "callback", {"ok": 3}, raised], [3, 1, "errback", raised, {"ok": 5}]],
        )

    def test_a_callback_that_returns_a_failure_fails(self) -> None:
        self.run_ops(new(0), add(0, 0, callback=["failure", ["B", 2]]), fire(0, None))
        self.assertEqual(self.outcome(0), {"err": ["B", 2]})

    def test_an_errback_that_raises_replaces_the_failure(self) -> None:
        self.run_ops(new(0), add(0, 0, errback=["raise", ["C", 1]]), fail(0, "A", 0))
        self.assertEqual(self.outcome(0), {"err": ["C", 1]})

    def test_a_trap_lets_other_errors_pass(self) -> None:
        trap = ["trap", ["A", "B"], ["value", 7]]
        self.run_ops(new(0), add(0, 0, errback=trap), fail(0, "C", 1))
        self.assertEqual(self.outcome(0), {"err": ["C", 1]})
        self.run_ops(new(0), add(0, 0, errback=trap), fail(0, "B", 1))
        self.assertEqual(self.outcome(0), {"ok": 7})

    def test_a_callback_added_after_firing_runs_at_once(self) -> None:
        self.run_ops(new(0), fire(0, 1), add(0, 0, callback=["add", 1]))
        self.assertEqual(self.runs(0), [[2, 0, "callback", {"ok": 1}, {"ok": 2}]])

    def test_a_pause_holds_back_what_was_fired(self) -> None:
        pause, unpause = {"op": "pause", "d": 0}, {"op": "unpause", "d": 0}
        self.run_ops(new(0), add(0, 0, both=["add", 1]), pause, fire(0, 1), unpause)
        self.assertEqual([run[0] for run in self.runs(0)], [4])
        self.run_ops(new(0), add(0, 0, both=["add", 1]), pause, fire(0, 1))
        self.assertEqual((self.runs(0), self.state(0)), ([], "paused"))

    def test_a_second_fire_is_refused(self) -> None:
        self.run_ops(new(0), fire(0, 1), fire(0, 2))
        self.assertEqual(self.events("escaped"), [[2, ["AlreadyCalled"]]])
        self.assertEqual(self.events("refused"), [[2, 0, {"ok": 2}]])
        self.assertEqual(self.program["reasons"], ["second-fire"])

    def test_a_failure_as_a_value_fails(self) -> None:
        self.run_ops(new(0), add(0, 0, errback=["add", 1]), fire(0, {"err": ["A", 1]}))
        self.assertEqual(self.outcome(0), {"ok": 2})
        self.assertEqual(self.program["profile"], "free")

    def test_a_deferred_as_a_value_is_not_waited_for(self) -> None:
        self.run_ops(new(0), new(1), add(0, 0, callback=["pass"]), fire(0, {"deferred": 1}))
        self.assertEqual(self.runs(0)[0][3], {"deferred": 1})

    def test_an_operation_in_a_callback_does_not_nest(self) -> None:
        inside = ["do", {"op": "add", "d": 0, "step": 9, "both": ["add", 1]}, ["add", 1]]
        self.run_ops(new(0), add(0, 0, both=inside), add(0, 1, both=["add", 1]), fire(0, 0))
        self.assertEqual([run[1] for run in self.runs(0)], [0, 1, 9])


class Returned(Programs):
    def test_one_that_is_not_fired_is_waited_for_and_gives_its_value_away(self) -> None:
        self.run_ops(
            new(0),
            add(0, 0, callback=["add", 1]),
            new(1),
            add(1, 1, callback=["return", 0]),
            add(1, 2, callback=["add", 10]),
            fire(1, 5),
            fire(0, 1),
        )
        self.assertEqual(self.runs(0), [[6, 0, "callback", {"ok": 1}, {"ok": 2}]])
        self.assertEqual([run[0] for run in self.runs(1)], [5, 6])
        self.assertEqual((self.outcome(0), self.outcome(1)), ({"ok": None}, {"ok": 12}))
        self.assertEqual(self.program["final"][0]["used"], ["returned", 1])

    def test_one_that_is_fired_is_not_waited_for(self) -> None:
        succeed = {"op": "succeed", "d": 0, "value": 4}
        self.run_ops(succeed, new(1), add(1, 0, both=["return", 0]), fire(1, 0))
        self.assertEqual((self.outcome(1), self.outcome(0)), ({"ok": 4}, {"ok": None}))

    def test_one_that_failed_fails_who_waits(self) -> None:
        failed = {"op": "fail", "d": 0, "error": ["A", 1]}
        recover = add(1, 1, errback=["value", 3])
        self.run_ops(failed, new(1), add(1, 0, callback=["return", 0]), recover, fire(1, 0))
        self.assertEqual((self.outcome(1), self.outcome(0)), ({"ok": 3}, {"ok": None}))

    def test_one_that_is_paused_holds_back_who_waits(self) -> None:
        pause = {"op": "pause", "d": 0}
        self.run_ops(new(0), pause, fire(0, 1), new(1), add(1, 0, both=["return", 0]), fire(1, 0))
        self.assertEqual(self.program["final"][1], {"d": 1, "state": "waiting", "on": 0})

    def test_a_cancellation_goes_to_what_is_waited_for(self) -> None:
        self.run_ops(
            new(0, ["nothing"]),
            new(1, ["raise", ["A", 1]]),
            add(1, 0, both=["return", 0]),
            fire(1, 0),
            add(1, 1, errback=["trap", ["Cancelled"], ["value", 8]]),
            cancel(1),
        )
        self.assertEqual(self.events("canceller"), [[5, 0]])
        self.assertEqual(self.outcome(1), {"ok": 8})


class Cancelling(Programs):
    def cancelled(self, canceller: list[Any] | None, *more: Op) -> None:
        self.run_ops(new(0, canceller), cancel(0), *more)

    def test_without_a_canceller_one_fire_is_swallowed(self) -> None:
        self.cancelled(None, fire(0, 1), fire(0, 2))
        self.assertEqual(self.outcome(0), CANCELLED)
        self.assertEqual(self.events("swallowed"), [[2, 0, {"ok": 1}]])
        self.assertEqual(self.events("escaped"), [[3, ["AlreadyCalled"]]])

    def test_a_canceller_that_does_nothing(self) -> None:
        self.cancelled(["nothing"], fire(0, 1))
        self.assertEqual(self.events("canceller"), [[1, 0]])
        self.assertEqual(self.outcome(0), CANCELLED)
        self.assertEqual(self.events("escaped"), [[2, ["AlreadyCalled"]]])
        self.assertEqual(self.program["profile"], "linear", "one fire is no second one")

    def test_a_canceller_that_fires(self) -> None:
        self.cancelled(["callback", 6])
        self.assertEqual(self.outcome(0), {"ok": 6})
        self.cancelled(["errback", ["B", 6]])
        self.assertEqual(self.outcome(0), {"err": ["B", 6]})

    def test_a_canceller_that_raises_leaves_it_unfired(self) -> None:
        self.cancelled(["raise", ["A", 1]])
        self.assertEqual(self.events("escaped"), [[1, ["A", 1]]])
        self.assertEqual(self.state(0), "pending")
        self.assertIn("dev:canceller-raises", self.program["features"])

    def test_after_firing_and_again_it_does_nothing(self) -> None:
        self.run_ops(new(0, ["nothing"]), fire(0, 1), cancel(0))
        self.assertEqual((self.events("canceller"), self.outcome(0)), ([], {"ok": 1}))
        self.cancelled(["nothing"], cancel(0))
        self.assertEqual(self.events("canceller"), [[1, 0]])


class Chained(Programs):
    def test_the_first_holds_none_afterwards(self) -> None:
        chain = {"op": "chain", "d": 0, "to": 1}
        self.run_ops(new(0), new(1), chain, fire(0, 3), add(0, 0, both=["pass"]))
        self.assertEqual(self.outcome(1), {"ok": 3})
        self.assertEqual(self.runs(0)[0][3], {"ok": None})
        self.assertIn("dev:after-chain", self.program["features"])
        self.assertTrue(self.program["final"][0]["handed_on"])

    def test_cancelling_the_first_does_not_call_the_canceller_of_the_second(self) -> None:
        chain = {"op": "chain", "d": 0, "to": 1}
        self.run_ops(new(0), new(1, ["callback", 1]), chain, cancel(0))
        self.assertEqual((self.events("canceller"), self.outcome(1)), ([], CANCELLED))
        self.assertIn("dev:cancel-chained", self.program["features"])

    def test_a_second_that_is_gone_fails_the_first(self) -> None:
        chain = {"op": "chain", "d": 0, "to": 1}
        self.run_ops(new(0), new(1, ["nothing"]), cancel(1), chain, fire(0, 3))
        self.assertEqual(self.outcome(0), {"err": ["AlreadyCalled"]})
        self.assertIn("dev:chain-second-gone", self.program["features"])


class Lists(Programs):
    def test_every_outcome_in_order(self) -> None:
        self.run_ops(new(0), new(1), listed(2, [0, 1]), fail(1, "A", 1), fire(0, 2))
        self.assertEqual(self.events("fired")[-1], [4, 2, {"ok": [{"ok": 2}, {"err": ["A", 1]}]}])
        self.assertEqual(self.outcome(1), {"err": ["A", 1]}, "it stays on the member")

    def test_consumed_errors_leave_none(self) -> None:
        self.run_ops(new(0), listed(1, [0], "--x"), fail(0, "A", 1))
        self.assertEqual(self.outcome(0), {"ok": None})

    def test_the_first_success(self) -> None:
        self.run_ops(new(0), new(1), listed(2, [0, 1], "c--"), fail(0, "A", 1), fire(1, 5))
        self.assertEqual(self.outcome(2), {"ok": {"winner": [1, 5]}})

    def test_no_success_at_all_is_a_success_of_the_list(self) -> None:
        self.run_ops(new(0), listed(1, [0], "c--"), fail(0, "A", 1))
        self.assertEqual(self.outcome(1), {"ok": [{"err": ["A", 1]}]})
        self.assertIn("dev:list-all-failed", self.program["features"])

    def test_the_first_failure_leaves_the_others_alone(self) -> None:
        self.run_ops(new(0, ["nothing"]), new(1), listed(2, [0, 1], "-e-"), fail(1, "A", 1))
        self.assertEqual(self.outcome(2), {"err": ["FirstError", 1, ["A", 1]]})
        self.assertEqual((self.events("canceller"), self.state(0)), ([], "pending"))
        self.assertEqual(self.program["deviations"], [], "nothing is to be seen of it yet")

    def test_what_is_seen_of_others_after_the_first_failure_deviates(self) -> None:
        both = listed(2, [0, 1], "-e-")
        self.run_ops(new(0), new(1), both, fail(1, "A", 1), fire(0, 1), new(3))
        self.assertEqual(self.program["deviations"], [[4, "dev:list-left-members", 0]])
        deviates = [final.get("deviates") for final in self.program["final"]]
        self.assertEqual(deviates, [4, 4, 4, None], "all that it has to do with")

    def test_of_nothing(self) -> None:
        for flags in ("---", "-e-", "--x", "-ex"):
            self.run_ops(listed(0, [], flags))
            self.assertEqual(self.outcome(0), {"ok": []}, flags)
        for flags in ("c--", "ce-", "c-x", "cex"):
            self.run_ops(listed(0, [], flags))
            self.assertEqual(self.state(0), "pending", flags)
            self.assertIn("dev:empty-list-first", self.program["features"])

    def test_cancelled_it_cancels_what_is_pending(self) -> None:
        self.run_ops(new(0), new(1), listed(2, [0, 1]), fire(0, 1), cancel(2))
        self.assertEqual(self.outcome(2), {"ok": [{"ok": 1}, CANCELLED]})

    def test_cancelled_it_goes_on_behind_a_canceller_that_raises(self) -> None:
        self.run_ops(new(0, ["raise", ["A", 1]]), new(1), listed(2, [0, 1], "-e-"), cancel(2))
        self.assertEqual(self.events("logged"), [[3, ["A", 1]]])
        self.assertEqual(self.outcome(2), {"err": ["FirstError", 1, ["Cancelled"]]})

    def test_fired_it_does_not_cancel_what_its_callback_waits_for(self) -> None:
        waits = add(1, 0, both=["return", 2])
        self.run_ops(new(0), listed(1, [0]), new(2), waits, fire(0, 1), cancel(1))
        self.assertEqual((self.state(1), self.state(2)), ("waiting", "pending"))
        self.assertIn("dev:cancel-fired-list", self.program["features"])

    def test_a_callback_added_to_a_member_later_is_not_seen(self) -> None:
        self.run_ops(new(0), listed(1, [0]), add(0, 0, both=["add", 1]), fire(0, 1))
        self.assertEqual(self.outcome(1), {"ok": [{"ok": 1}]})
        self.assertEqual(self.program["reasons"], ["touches-a-used"])

    def test_the_same_member_twice(self) -> None:
        self.run_ops(new(0), listed(1, [0, 0]), fire(0, 1))
        self.assertEqual(self.outcome(1), {"ok": [{"ok": 1}, {"ok": 1}]})
        self.assertEqual(self.program["reasons"], ["member-twice"])


class GatherAndRace(Programs):
    def test_gathered_values(self) -> None:
        gather = {"op": "gather", "d": 2, "of": [0, 1], "consume": False}
        self.run_ops(new(0), new(1), gather, fire(1, 2), fire(0, 1))
        self.assertEqual(self.events("fired")[-1], [4, 2, {"ok": [1, 2]}])
        self.run_ops(new(0), new(1), gather, fail(1, "A", 1))
        self.assertEqual(self.outcome(2), {"err": ["FirstError", 1, ["A", 1]]})

    def test_the_winner_cancels_the_others_first(self) -> None:
        race = {"op": "race", "d": 2, "of": [0, 1]}
        self.run_ops(new(0, ["nothing"]), new(1), race, fire(1, 5))
        self.assertEqual(self.outcome(2), {"ok": {"winner": [1, 5]}})
        order = [entry[1:3] for entry in self.program["trace"]]
        self.assertEqual(order, [["fired", 1], ["canceller", 0], ["fired", 0], ["fired", 2]])
        self.assertEqual((self.outcome(0), self.outcome(1)), ({"ok": None}, {"ok": None}))

    def test_all_fail(self) -> None:
        race = {"op": "race", "d": 2, "of": [0, 1]}
        self.run_ops(new(0), new(1), race, fail(1, "B", 1), fail(0, "A", 0))
        self.assertEqual(self.outcome(2), {"err": ["FailureGroup", [["A", 0], ["B", 1]]]})

    def test_cancelled_all_its_members_are(self) -> None:
        race = {"op": "race", "d": 2, "of": [0, 1]}
        self.run_ops(new(0), new(1), race, cancel(2))
        group = {"err": ["FailureGroup", [["Cancelled"], ["Cancelled"]]]}
        self.assertEqual(self.outcome(2), group)

    def test_of_nothing_it_never_fires(self) -> None:
        self.run_ops({"op": "race", "d": 0, "of": []})
        self.assertEqual(self.state(0), "pending")
        self.assertIn("dev:empty-race", self.program["features"])


class Timeouts(Programs):
    TIMEOUT: Op = {"op": "timeout", "d": 0, "step": 0, "after": 3, "instead": None}

    def advance(self, by: int) -> Op:
        return {"op": "advance", "by": by}

    def test_in_vain(self) -> None:
        self.run_ops(new(0), self.TIMEOUT, self.advance(2), self.advance(1))
        self.assertEqual(self.events("timer"), [[3, 0, 0]])
        self.assertEqual(self.outcome(0), {"err": ["Timeout", 3]})

    def test_in_time_the_timer_is_gone(self) -> None:
        self.run_ops(new(0), self.TIMEOUT, fire(0, 1), self.advance(5))
        self.assertEqual((self.events("timer"), self.outcome(0)), ([], {"ok": 1}))

    def test_an_errback_before_it_recovers(self) -> None:
        recover = add(0, 1, errback=["value", 4])
        self.run_ops(new(0), recover, self.TIMEOUT, self.advance(3))
        self.assertEqual(self.outcome(0), {"ok": 4})

    def test_cancelled_before_it_stays_cancelled(self) -> None:
        self.run_ops(new(0), self.TIMEOUT, cancel(0), self.advance(3))
        self.assertEqual((self.events("timer"), self.outcome(0)), ([], CANCELLED))

    def test_what_is_waited_for_is_cancelled(self) -> None:
        waits = add(0, 1, both=["return", 1])
        self.run_ops(new(0), new(1), waits, self.TIMEOUT, fire(0, 1), self.advance(3))
        self.assertEqual(self.events("fired")[-1], [5, 1, CANCELLED])
        self.assertEqual(self.outcome(0), {"err": ["Timeout", 3]})

    def test_something_else_instead(self) -> None:
        instead = {**self.TIMEOUT, "instead": ["value", 7]}
        self.run_ops(new(0), instead, self.advance(3))
        self.assertEqual(self.runs(0), [[2, 0, "timeout", CANCELLED, {"ok": 7}]])

    def test_a_canceller_that_raises_raises_in_the_timer(self) -> None:
        self.run_ops(new(0, ["raise", ["A", 1]]), self.TIMEOUT, self.advance(3))
        self.assertEqual(self.events("escaped"), [[2, ["A", 1]]])
        self.assertEqual(self.state(0), "pending")


class Recorder(unittest.TestCase):
    """Making, writing and checking files."""

    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)

    def make(self, name: str, seed: int, count: int = 60) -> Path:
        path = self.folder / name
        corpus.save(str(path), command.lines(seed, count, 10))
        return path

    def check(self, path: Path) -> tuple[int, str]:
        with redirect_stdout(StringIO()) as out:
            code = command.check(str(path))
        return code, out.getvalue()

    def test_the_same_seed_gives_the_same_bytes(self) -> None:
        first, again = self.make("one.jsonl.gz", 7), self.make("two.jsonl.gz", 7)
        self.assertEqual(first.read_bytes(), again.read_bytes())
        self.assertNotEqual(first.read_bytes(), self.make("three.jsonl.gz", 8).read_bytes())

    def test_compressed_or_not_it_is_the_same(self) -> None:
        plain, packed = self.make("one.jsonl", 7), self.make("one.jsonl.gz", 7)
        self.assertEqual(plain.read_bytes(), gzip.decompress(packed.read_bytes()))
        self.assertEqual(list(corpus.load(str(plain))), list(corpus.load(str(packed))))

    def test_what_was_recorded_passes(self) -> None:
        code, out = self.check(self.make("one.jsonl.gz", 3))
        self.assertEqual((code, out), (0, "70 programs, 0 came out otherwise than recorded\n"))

    def test_any_change_is_found(self) -> None:
        recorded = json.loads(json.dumps(list(programs(5, 20, "linear"))))
        self.assertEqual(list(differences(recorded)), [])
        for program in recorded:
            for part in ("trace", "final", "features", "profile", "reasons", "deviations"):
                changed = copy.deepcopy(program)
                if part in ("reasons", "deviations"):
                    changed[part].append("more")
                else:
                    changed[part] = changed[part][:-1]
                self.assertEqual(len(list(differences([changed]))), 1, part)
            moved = copy.deepcopy(program)
            moved["trace"][-1][0] += 1
            self.assertEqual(len(list(differences([moved]))), 1, "after another operation")

    def test_a_changed_file_is_found(self) -> None:
        path = self.make("one.jsonl", 3)
        lines = path.read_text().splitlines()
        program = json.loads(lines[1])
        program["trace"].pop()
        lines[1] = json.dumps(program)
        path.write_text("\n".join(lines) + "\n")
        code, out = self.check(path)
        self.assertEqual(code, 1)
        self.assertIn("70 programs, 1 came out otherwise", out)

    def test_another_version_of_the_format_is_not_read(self) -> None:
        path = self.folder / "old.jsonl"
        corpus.save(str(path), [{**corpus.header(1), "version": 0}])
        with self.assertRaises(ValueError):
            list(corpus.load(str(path)))

    def test_programs_are_of_their_profile(self) -> None:
        for program in programs(11, 80, "linear"):
            self.assertEqual((program["profile"], program["reasons"]), ("linear", []))
            self.assertTrue(3 <= len(program["ops"]) <= 25)
            self.assertFalse(set(program["features"]) - KNOWN)
        for program in programs(11, 40, "free"):
            self.assertEqual(program["profile"], "free")
            self.assertTrue(program["reasons"])
            self.assertFalse(set(program["features"]) - KNOWN)


class Documents(unittest.TestCase):
    """What is written about the programs is what they are."""

    def words(self, name: str) -> set[str]:
        """What stands in backticks in the tables of a document."""
        text = (HERE / name).read_text().replace("\\|", "|")
        rows = [line for line in text.splitlines() if line.startswith("|")]
        return set(re.findall(r"`([^`]+)`", "\n".join(rows)))

    def test_every_tag_and_reason_is_documented(self) -> None:
        words = self.words("FORMAT.md")
        self.assertFalse({*LINEAR, *SELDOM} - words, "see vocabulary.py")
        self.assertFalse(set(rules.REASONS) - words, "see rules.py")

    def test_deviations_are_told_by_tags_that_there_are(self) -> None:
        # Those that make no difference are told between the tables.
        text = (HERE / "DEVIATIONS.md").read_text()
        told = set(re.findall(r"`(dev:[^`]+)`", text))
        self.assertEqual(told, {tag for tag in KNOWN if tag.startswith("dev:")})


@unittest.skipUnless(COMMITTED.exists(), "without the recorded programs beside it")
class Committed(unittest.TestCase):
    """The file that the Rust side replays."""

    def test_it_is_what_twisted_does(self) -> None:
        self.assertEqual(list(differences(corpus.load(str(COMMITTED)))), [])

    def test_it_has_enough_of_everything(self) -> None:
        with redirect_stdout(StringIO()) as out:
            code = command.stats(str(COMMITTED), pairs=False)
        self.assertEqual(code, 0, out.getvalue()[-2000:])


if __name__ == "__main__":
    unittest.main()
