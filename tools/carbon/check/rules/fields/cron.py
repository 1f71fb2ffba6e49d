"""Cron expressions as Kubernetes and Velero read them: the grammar of robfig/cron, five fields.

Python's packages for cron accept more: Sunday as 7, L, W, #, six fields, ranges that end before
they begin. The API server refuses all of these.
"""

import calendar
import re
from collections.abc import Sequence

NAMED = {"yearly", "annually", "monthly", "weekly", "daily", "midnight", "hourly"}
"""Expressions with a name, such as @daily."""
_DURATION = re.compile(r"([+-]?(\d+(\.\d*)?|\.\d+)(ns|us|µs|ms|s|m|h))+")
_MONTHS = {name.lower(): number for number, name in enumerate(calendar.month_abbr) if name}
_DAYS = {name.lower(): (number + 1) % 7 for number, name in enumerate(calendar.day_abbr)}
_FIELDS: tuple[tuple[str, int, int, dict[str, int]], ...] = (
    ("minute", 0, 59, {}),
    ("hour", 0, 23, {}),
    ("day of the month", 1, 31, {}),
    ("month", 1, 12, _MONTHS),
    ("day of the week", 0, 6, _DAYS),
)
_DAYS_OF_MONTH = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


def find_problem(expression: str) -> str:
    """Return why a cron expression is invalid or never comes due; empty if neither."""
    if expression.startswith("@"):
        name, _, duration = expression[1:].partition(" ")
        if name in NAMED and not duration:
            return ""
        if name == "every":
            return "" if _DURATION.fullmatch(duration) else f"{duration!r} is not a duration"
        known = ", ".join(f"@{each}" for each in sorted(NAMED))
        return f"{expression} is not one of {known} or @every DURATION"
    words = expression.split()
    if len(words) != len(_FIELDS):
        return f"{len(words)} fields instead of 5"
    chosen = []
    for word, (name, first, last, names) in zip(words, _FIELDS, strict=True):
        try:
            chosen.append(set().union(*(_read(w, first, last, names) for w in word.split(","))))
        except ValueError as wrong:
            return f"the {name} {word!r}: {wrong}"
    return _find_missing_day(words, chosen)


def runs_each_minute(expression: str) -> bool:
    """Return whether a valid cron expression selects every minute of the hours that it selects."""
    name, _, duration = expression.partition(" ")
    if name.startswith("@"):
        return name == "@every" and duration in {"1m", "60s", "1m0s"}
    name, first, last, names = _FIELDS[0]
    minutes = (_read(word, first, last, names) for word in expression.split()[0].split(","))
    return len(set().union(*minutes)) == last - first + 1


def _read(word: str, first: int, last: int, names: dict[str, int]) -> set[int]:
    """Return the numbers that one word of a field selects.

    Raises:
        ValueError: the word is not a number, a name, a range or a step in the field's bounds.
    """
    span, slash, step = word.partition("/")
    low, dash, high = span.partition("-")
    if low in {"*", "?"} and not dash:
        begin, end = first, last
    else:
        begin = _read_number(low, names)
        end = _read_number(high, names) if dash else (last if slash else begin)
    size = _read_number(step, {}) if slash else 1
    if begin < first or end > last:
        raise ValueError(f"not from {first} to {last}")
    if begin > end:
        raise ValueError(f"the range {span} ends before it begins")
    if not size:
        raise ValueError("the step is 0")
    return set(range(begin, end + 1, size))


def _read_number(word: str, names: dict[str, int]) -> int:
    if word.lower() in names:
        return names[word.lower()]
    if not re.fullmatch(r"[0-9]+", word):
        raise ValueError(f"{word!r} is not a number")
    return int(word)


def _find_missing_day(words: Sequence[str], chosen: Sequence[set[int]]) -> str:
    """Return a problem if no chosen month has a chosen day, such as 30 in February."""
    if {"*", "?"} & set(words[4].split(",")):
        days = max(_DAYS_OF_MONTH[month - 1] for month in chosen[3])
        if min(chosen[2]) > days:
            return f"no month {words[3]} has a day {words[2]}, so it never comes due"
    return ""
