"""How a command ends: one line for whoever typed it, and an exit code that says who has to act.

0    done, and the verdict is good
1    the verdict is bad: not fresh, not equal, a check failed, a promise broken
2    what was typed or configured is wrong
3    the stack or a neighbour does not answer
70   a fault of ours
"""

from suoi.errors import Contract, SuoiError, Transient, UserError

OK, BAD, INPUT, UNREACHABLE, BUG = 0, 1, 2, 3, 70

_CODES: tuple[tuple[type[SuoiError], int], ...] = ((UserError, INPUT), (Transient, UNREACHABLE), (Contract, BAD))


def exit_code(error: Exception) -> int:
    """The code a command ends with when it raised `error`."""
    return next((code for kind, code in _CODES if isinstance(error, kind)), BUG)


def sentence(error: Exception) -> str:
    """What is said of `error`, without a stack trace."""
    if isinstance(error, SuoiError):
        return str(error)
    return f"{type(error).__name__}: {' '.join(str(error).split())}; this is a fault of Suối, please report it"
