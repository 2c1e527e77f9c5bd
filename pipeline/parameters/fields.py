"""Makes dataclass fields that are parameters, and reads the parameters of a dataclass."""

import dataclasses
from collections.abc import Mapping
from typing import Any

from pipeline.errors import BadSpec
from pipeline.parameters.kinds import (
    Choice,
    Flag,
    Names,
    Number,
    Numbers,
    Parameter,
    WholeNumber,
)

KEY = "parameter"
"""The key of a declaration in the metadata of its dataclass field."""


def whole_number(default: int | None, low: int, high: int, *, step: int = 1, **words: Any) -> Any:
    """Make a dataclass field for a `WholeNumber`; `words` are the fields of `Parameter`."""
    return _field(WholeNumber(default=default, low=low, high=high, step=step, **words))


def number(
    default: float | None, low: float, high: float, *, step: float = 0.1, **words: Any
) -> Any:
    """Make a dataclass field for a `Number`; `words` are the fields of `Parameter`."""
    return _field(Number(default=default, low=low, high=high, step=step, **words))


def choice(default: str, choices: tuple[str, ...], **words: Any) -> Any:
    """Make a dataclass field for a `Choice`; `words` are the fields of `Parameter`."""
    return _field(Choice(default=default, choices=choices, **words))


def flag(default: bool, **words: Any) -> Any:
    """Make a dataclass field for a `Flag`; `words` are the fields of `Parameter`."""
    return _field(Flag(default=default, **words))


def numbers(
    default: tuple[int, ...],
    low: int,
    high: int,
    *,
    most: int,
    example: str,
    distinct: bool = False,
    **words: Any,
) -> Any:
    """Make a dataclass field for `Numbers`; `words` are the fields of `Parameter`."""
    return _field(
        Numbers(
            default=default,
            low=low,
            high=high,
            most=most,
            example=example,
            distinct=distinct,
            **words,
        )
    )


def names(
    default: tuple[str, ...], pattern: str, *, plural: str, example: str, **words: Any
) -> Any:
    """Make a dataclass field for `Names`; `words` are the fields of `Parameter`."""
    return _field(Names(default=default, pattern=pattern, plural=plural, example=example, **words))


def _field(parameter: Parameter) -> Any:
    default = parameter.check("default", parameter.default)
    parameter = dataclasses.replace(parameter, default=default)
    return dataclasses.field(default=default, metadata={KEY: parameter})


def list_parameters(owner: type) -> dict[str, Parameter]:
    """List the parameters of a dataclass by name, in the order of its fields."""
    return {f.name: f.metadata[KEY] for f in dataclasses.fields(owner) if KEY in f.metadata}


class Parametrized:
    """The base of a dataclass with declared parameters; its constructor checks their values.

    Other fields of the constructor (a seed, say) are not parameters.
    """

    def __post_init__(self) -> None:
        for name, parameter in list_parameters(type(self)).items():
            setattr(self, name, parameter.check(name, getattr(self, name)))

    def parameters(self) -> dict[str, Any]:
        """Return the values of the parameters by name; tuples become lists, as in JSON."""
        values = {name: getattr(self, name) for name in list_parameters(type(self))}
        return {k: list(v) if isinstance(v, tuple) else v for k, v in values.items()}


def read_assignment(text: str, known: Mapping[str, Parameter]) -> tuple[str, Any]:
    """Read the name and the checked value from ``name=value``; raises BadSpec.

    Args:
        known: the parameters of the model or block by name.
    """
    name, equals, value = (part.strip() for part in text.partition("="))
    if not equals:
        raise BadSpec(f"{text}: expected name=value, received {text!r}.")
    if name not in known:
        raise BadSpec(f"{text}: expected one of {', '.join(known)}, received {name!r}.")
    return name, known[name].check(name, known[name].read(value))
