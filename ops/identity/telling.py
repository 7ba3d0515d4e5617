"""What is known of persons, as an operator reads it: lines and tables of the same values that --json gives."""

from collections.abc import Iterable, Sequence

from ops.console import say, table
from ops.identity.persons import Told

_FORBIDDEN = "forbidden"
_MOST = 10
"""Pairs that speak against a person, as many as are told: those that weigh least."""


def tell_persons(told: Told) -> None:
    """One or several persons, one after the other."""
    if told["retired"]:
        say(f"{told['retired']} is retired and leads to {told['persons'][0]['person']}")
    if len(told["persons"]) > 1:
        say(f"{len(told['persons'])} persons hold this number")
    for person in told["persons"]:
        _tell_person(person)


def tell_pair(told: Told) -> None:
    """A pair, field by field."""
    x, y = told["rows"]
    one = told["persons"][0] == told["persons"][1]
    say(f"{x} and {y}: {'one person, ' if one else 'two persons, '}{' and '.join(dict.fromkeys(told['persons']))}")
    table(("field", x, y, "agreement", "bits", "not counted"), [_line(line) for line in told["lines"]])
    if told["bits"] is not None:
        proof = ", proven by a number" if told["certified"] else ""
        say(f"together {_bits(told['bits'])} bits, rows link from {_bits(told['links_from'])}{proof}")
    if told["rule"]:
        say(f"a rule decides: {told['rule']}")
    if of := told["verdict"]:
        say(f"a verdict decides: {_verdict(of)}")
    say(f"they meet by: {'; '.join(told['keys']) or 'nothing'}")
    for dead in told["dead_keys"]:
        say(f"they do not meet by: {dead['key']} ({dead['rows']} rows, at most {dead['at_most']})")
    if told["way"]:
        say("they hang together by way of others:")
        table(("row", "row", "bits"), [(*step["rows"], _bits(step["bits"])) for step in told["way"]])


def tell_history(told: Told) -> None:
    """How a person came together: its rows, then the steps by the numbers of the rows."""
    say(f"{told['person']}: {_count(told['rows'], 'row')} in {_count(told['steps'], 'step')}")
    table(("no.", "row"), enumerate(told["rows"], 1))
    if told["steps"]:
        table(("rows", "joined with", "bits", ""), [_step(step) for step in told["steps"]])
        say(f"a step needs {_bits(told['cut_at'])} bits on average over all pairs")
    for pair in told["against"][:_MOST]:
        say(f"against it: {_numbers(pair['rows'])} weigh {_bits(pair['bits'])}")
    if (more := len(told["against"]) - _MOST) > 0:
        say(f"against it: {more} more pairs, which --json tells")
    for verdict in told["verdicts"]:
        say(f"verdict on {_numbers(verdict['rows'])}: {_verdict(verdict)}")


def tell_apart(told: Told) -> None:
    """What keeps two persons apart, then the pair that was looked at."""
    say(told["reason"])
    for by, pairs in _by_reason(told["forbidden"]).items():
        say(f"never together: {_count(pairs, 'pair')} of rows, such as {' and '.join(pairs[0])}: {by}")
    if told["mean"] is not None:
        say(f"between all rows of both {_bits(told['mean'])} bits on average, one person from {_bits(told['cut_at'])}")
    tell_pair(told["pair"])


def _tell_person(told: Told) -> None:
    say(f"{told['person']}: {told['tier']}, {_count(told['rows'], 'row')}")
    table(("field", "value", "row", "rule"), [tuple(of.values()) for of in told["fields"]])
    table(("no.", "row", "proven together"), [(of["no"], of["row"], of["proven_together"]) for of in told["rows"]])
    for id in told["retired"]:
        say(f"{id['id']} is retired and leads here ({id['rows']} rows)")
    for verdict in told["verdicts"]:
        say(f"verdict on {' and '.join(verdict['rows'])}: {_verdict(verdict)}")
    if told["events"] is None:
        say("what happened to it is not known here: the warehouse does not answer")
    for event in told["events"] or ():
        cause = f"{event['topic']}[{event['partition']}]@{event['offset']}"
        cause += f" of {event['time']:%Y-%m-%d %H:%M:%S}" if event["time"] else ""
        say(f"{event['what']} of {' '.join(event['before'])} into {' '.join(event['after'])}, caused by {cause}")


def _line(line: Told) -> tuple[str, ...]:
    gated = _bits(line["gated"]) if line["gated"] else ""
    return line["field"], *line["values"], line["level"], _bits(line["bits"]), gated


def _verdict(of: Told) -> str:
    return f"{of['verdict']}, by {of['author'] or 'somebody'}: {of['why']}"


def _by_reason(forbidden: Iterable[Told]) -> dict[str, list[Sequence[str]]]:
    found: dict[str, list[Sequence[str]]] = {}
    for pair in forbidden:
        found.setdefault(pair["by"], []).append(pair["rows"])
    return found


def _step(step: Told) -> tuple[str, str, str, str]:
    weakest = "weakest" if step["weakest"] else ""
    return _numbers(step["left"]), _numbers(step["right"]), _bits(step["bits"]), weakest


def _numbers(rows: Iterable[int]) -> str:
    return " ".join(map(str, rows))


def _count(of: Sequence[object], what: str) -> str:
    return f"{len(of)} {what}{'' if len(of) == 1 else 's'}"


def _bits(bits: float | None) -> str:
    return _FORBIDDEN if bits is None else f"{bits:.3f}"
