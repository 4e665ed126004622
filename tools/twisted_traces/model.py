"""The data of a trace: errors, values, and how both are written as JSON."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from twisted.internet import defer
from twisted.python.failure import Failure

VERSION = 1
TWISTED = "26.10.0"

# A program is a list of operations; all of them are plain JSON.
Op = dict[str, Any]


class UserError(Exception):
    """An error that a program raises, with a number as its payload."""

    def __init__(self, payload: int) -> None:
        super().__init__(payload)
        self.payload = payload


class A(UserError):
    """The first of three errors that differ in nothing but their type."""


class B(UserError):
    """The second of them."""


class C(UserError):
    """The third of them."""


ERRORS: dict[str, type[Exception]] = {
    "A": A,
    "B": B,
    "C": C,
    "Cancelled": defer.CancelledError,
    "Timeout": defer.TimeoutError,
    "AlreadyCalled": defer.AlreadyCalledError,
    "FirstError": defer.FirstError,
    "FailureGroup": defer.FailureGroup,
}


@dataclass
class Winner:
    """Who won a race or a DeferredList with fireOnOneCallback.

    Twisted says `(index, value)` for the one and `(value, index)` for the other.
    """

    index: int
    value: Any


class Unknown(Exception):
    """Something came out of a program that the format has no word for.

    It may come up in a callback, where Twisted makes a failure of it: so each is kept.
    """

    seen: list[Unknown] = []

    def __init__(self, what: str) -> None:
        super().__init__(what)
        Unknown.seen.append(self)


def make_error(written: list[Any]) -> UserError:
    """The error that `["A", 3]` stands for."""
    name, payload = written
    error = ERRORS[name](payload)
    assert isinstance(error, UserError)
    return error


def write_error(error: BaseException) -> list[Any]:
    """An error as JSON: its name, and what tells it from others of that name."""
    if isinstance(error, UserError):
        return [type(error).__name__, error.payload]
    if isinstance(error, defer.FirstError):
        return ["FirstError", error.index, write_error(error.subFailure.value)]
    if isinstance(error, defer.FailureGroup):
        return ["FailureGroup", [write_error(one.value) for one in error.failures]]
    if isinstance(error, defer.TimeoutError):
        return ["Timeout", error.args[0]]
    if isinstance(error, defer.CancelledError):
        return ["Cancelled"]
    if isinstance(error, defer.AlreadyCalledError):
        return ["AlreadyCalled"]
    raise Unknown(f"error {error!r}")


def number(value: Any) -> int:
    """The number that `["add", n]` adds to, defined for everything a callback may see."""
    if isinstance(value, Failure):
        value = value.value
    if value is None or isinstance(value, bool):
        return 0
    if isinstance(value, int):
        return value
    if isinstance(value, UserError):
        return value.payload
    if isinstance(value, defer.FirstError):
        return number(value.subFailure)
    if isinstance(value, defer.FailureGroup):
        return sum(map(number, value.failures))
    if isinstance(value, list):
        return sum(map(number, value))
    if isinstance(value, tuple):
        # An entry of a DeferredList.
        return number(value[1])
    if isinstance(value, Winner):
        return number(value.value)
    return 0
