"""Values that the declaration of a parameter rules out."""

import math
from collections.abc import Mapping
from typing import Any

from pipeline.parameters import Choice, Flag, Names, Number, Numbers, Parameter, WholeNumber


def wrong_values(parameters: Mapping[str, Parameter]) -> list[dict[str, Any]]:
    """For each parameter several values, each alone in a dict with the name of the parameter."""
    return [{name: bad} for name, parameter in parameters.items() for bad in _wrong(parameter)]


def _wrong(parameter: Parameter) -> list[Any]:
    nothing = [] if parameter.when_empty else [None]
    match parameter:
        case WholeNumber(low=low, high=high):
            return [*nothing, low - 1, high + 1, low + 0.5, float(high), str(high), True]
        case Number(low=low, high=high):
            above, below = math.nextafter(high, math.inf), math.nextafter(low, -math.inf)
            return [*nothing, below, above, str(high), True, math.nan, math.inf]
        case Choice(choices=choices):
            return [*nothing, "", choices[0] + "?", choices, True]
        case Flag():
            return [*nothing, 0, "true"]
        case Numbers(low=low, high=high, most=most, distinct=distinct):
            twice = [(high, high)] if distinct else []
            too_many = tuple(range(low, low + most + 1)) if not distinct else (low - 1,)
            return [*nothing, (), (low - 1,), (high + 1,), (float(low),), (True,), low, *twice,
                    too_many, str(low)]  # fmt: skip
        case Names():
            return [*nothing, "name", ("a b",), ("",), (1,)]
    raise AssertionError(f"no wrong values are known for a {type(parameter).__name__}")
