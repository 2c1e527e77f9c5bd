"""How a parameter is declared: once, in the model or feature block that it belongs to.

Models and blocks are dataclasses. The functions below make fields that are parameters:

>>> @dataclass
... class Smoother(Parametrized):
...     alpha: float = number(0.1, 0.001, 10, label="Smoothing", help="Added to every count.")
>>> Smoother(alpha=11)
Traceback (most recent call last):
pipeline.errors.BadSpec: alpha: expected a number from 0.001 to 10, received 11.
>>> read_assignment("alpha=2", list_parameters(Smoother))
('alpha', 2.0)

A declaration checks values and reads ``name=value`` on the command line; the form in the dashboard,
the range that a search may use and the reference page in the documentation are made from it. A
`Registry` finds such classes by name and builds objects of them.
"""

import dataclasses
import importlib
import math
import re
from collections.abc import Iterator, Mapping, MutableMapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from pipeline.errors import BadSpec, expect, is_whole

KEY = "parameter"
"""The key of a declaration in the metadata of its dataclass field."""


@dataclass(frozen=True, kw_only=True)
class Parameter:
    """The base of the declarations; each kind of value has a class below."""

    default: Any
    label: str
    """The label in a form, without the unit."""
    help: str
    """One or two sentences that say what it does."""
    unit: str = ""
    """The unit, in the plural."""
    shown_first: bool = False
    """Whether a form shows it at once; otherwise it is under *More settings*."""
    when_empty: str = ""
    """What an empty value (None) means; "" if a value is required."""

    @property
    def title(self) -> str:
        """The label with the unit: "Batch size (mails)"."""
        return f"{self.label} ({self.unit})" if self.unit else self.label

    @property
    def expected(self) -> str:
        """The possible values, in words."""
        return self._expected() + (f" or nothing ({self.when_empty})" if self.when_empty else "")

    @property
    def how_to_enter(self) -> str:
        """What to type into a field; more than `expected` if a value has several parts."""
        return self.expected

    def accepts(self, value: Any) -> bool:
        """Whether a value is possible: of the right type and in range."""
        return bool(self.when_empty) if value is None else self._accepts(value)

    def check(self, name: str, value: Any) -> Any:
        """Return the value as the model keeps it; raises BadSpec for one that is not possible."""
        expect(self.accepts(value), name, self.expected, value)
        return None if value is None else self._normalise(value)

    def read(self, text: str) -> Any:
        """Read a value from a text; returns the text itself if it is no value of this kind."""
        text = text.strip()
        if self.when_empty and text.lower() in ("", "none"):
            return None
        return self._read(text)

    def write(self, value: Any) -> str:
        """Write a value as a text: the inverse of `read`."""
        return "none" if value is None else self._write(value)

    def _expected(self) -> str:
        raise NotImplementedError

    def _accepts(self, value: Any) -> bool:
        raise NotImplementedError

    def _normalise(self, value: Any) -> Any:
        return value

    def _read(self, text: str) -> Any:
        return text

    def _write(self, value: Any) -> str:
        return str(value)


@dataclass(frozen=True, kw_only=True)
class _Range(Parameter):
    low: float
    high: float
    step: float
    """How far one press of a button in a form moves the value."""
    logarithmic: bool = False
    """Whether a search takes steps of equal ratios rather than of equal differences."""

    @property
    def range(self) -> str:
        """The range in words: "1 to 4,096"."""
        return f"{format_number(self.low)} to {format_number(self.high)}"


@dataclass(frozen=True, kw_only=True)
class WholeNumber(_Range):
    """A whole number from `low` to `high`; true and false are not numbers."""

    def _expected(self) -> str:
        return f"a whole number from {self.range}"

    def _accepts(self, value: Any) -> bool:
        return is_whole(value) and self.low <= value <= self.high

    def _read(self, text: str) -> Any:
        return _read_whole(text)


@dataclass(frozen=True, kw_only=True)
class Number(_Range):
    """A finite number from `low` to `high`, kept as a float: 1 and 1.0 are one spec."""

    def _expected(self) -> str:
        return f"a number from {self.range}"

    def _accepts(self, value: Any) -> bool:
        good = isinstance(value, int | float) and not isinstance(value, bool)
        return good and self.low <= value <= self.high

    def _normalise(self, value: Any) -> float:
        return float(value)

    def _read(self, text: str) -> Any:
        try:
            return float(text)
        except ValueError:
            return text

    def _write(self, value: Any) -> str:
        return repr(value).removesuffix(".0")


@dataclass(frozen=True, kw_only=True)
class Choice(Parameter):
    """One of a few words."""

    choices: tuple[str, ...]

    def _expected(self) -> str:
        return f"one of {', '.join(self.choices)}"

    def _accepts(self, value: Any) -> bool:
        return isinstance(value, str) and value in self.choices


@dataclass(frozen=True, kw_only=True)
class Flag(Parameter):
    """True or false."""

    def _expected(self) -> str:
        return "true or false"

    def _accepts(self, value: Any) -> bool:
        return isinstance(value, bool)

    def _read(self, text: str) -> Any:
        return {"true": True, "false": False}.get(text.lower(), text)

    def _write(self, value: Any) -> str:
        return str(value).lower()


@dataclass(frozen=True, kw_only=True)
class Numbers(Parameter):
    """One to `most` whole numbers from `low` to `high`, kept as a tuple."""

    low: int
    high: int
    most: int
    distinct: bool
    """Whether no number may occur twice and their order means nothing; they are then sorted."""
    example: str

    @property
    def range(self) -> str:
        """The range of each number in words: "1 to 8"."""
        return f"{format_number(self.low)} to {format_number(self.high)}"

    @property
    def how_to_enter(self) -> str:
        return f"{self.expected}, separated by commas, such as {self.example}"

    def _expected(self) -> str:
        different = "different " if self.distinct else ""
        return f"1 to {self.most} {different}whole numbers from {self.range}"

    def _accepts(self, value: Any) -> bool:
        return (
            isinstance(value, list | tuple)
            and 1 <= len(value) <= self.most
            and all(is_whole(n) and self.low <= n <= self.high for n in value)
            and not (self.distinct and len(set(value)) < len(value))
        )

    def _normalise(self, value: Any) -> tuple[int, ...]:
        return tuple(sorted(value) if self.distinct else value)

    def _read(self, text: str) -> list[Any]:
        return [_read_whole(item) for item in _split_items(text)]

    def _write(self, value: Any) -> str:
        return ", ".join(map(str, value))


@dataclass(frozen=True, kw_only=True)
class Names(Parameter):
    """Any number of names of one kind, in any case and order; kept sorted in lower case."""

    pattern: str
    """A regular expression for the whole of each name."""
    plural: str
    """What an error message calls them: "names of header fields"."""
    example: str

    @property
    def how_to_enter(self) -> str:
        return f"{self.plural}, separated by commas, such as {self.example}"

    def _expected(self) -> str:
        return f"{self.plural} such as {self.example}"

    def _accepts(self, value: Any) -> bool:
        return isinstance(value, list | tuple) and all(
            isinstance(name, str) and re.fullmatch(self.pattern, name) for name in value
        )

    def _normalise(self, value: Any) -> tuple[str, ...]:
        return tuple(sorted({name.lower() for name in value}))

    def _read(self, text: str) -> list[str]:
        return _split_items(text)

    def _write(self, value: Any) -> str:
        return ", ".join(value)


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


T = TypeVar("T", bound=Parametrized)


class Registry(MutableMapping[str, type[T]], Generic[T]):
    """Classes with declared parameters, by name.

    A module is imported when its class is first used. Listing the names imports nothing, so that
    the command line can print them at once.

    Args:
        noun: what an error message calls an entry.
        places: "module:Class" by name.
        stand_in: "module:Class" that `describe` uses for an unknown name.
    """

    def __init__(
        self,
        noun: str,
        places: Mapping[str, str],
        stand_in: str = f"{__name__}:{Parametrized.__name__}",
    ) -> None:
        self.noun = noun
        self.stand_in = stand_in
        self._entries: dict[str, str | type[T]] = dict(places)

    def __getitem__(self, name: str) -> type[T]:
        entry = self._entries[name]
        if isinstance(entry, str):
            entry = self._entries[name] = _import_class(entry)
        return entry

    def __setitem__(self, name: str, entry: type[T]) -> None:
        self._entries[name] = entry

    def __delitem__(self, name: str) -> None:
        del self._entries[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._entries)

    def __len__(self) -> int:
        return len(self._entries)

    def __contains__(self, name: object) -> bool:  # the mixin's would import the module
        return name in self._entries

    def describe(self, name: str) -> type[T]:
        """Return the class of a name, whose class attributes describe it.

        A name that only another version knows, in a run of that version, gets a stand-in that has
        the name for its title.

        >>> Registry("sample", {}).describe("unheard of").title
        'unheard of'
        """
        if name in self:
            return self[name]
        stand_in: type[T] = _import_class(self.stand_in)
        return type(stand_in.__name__, (stand_in,), {"title": name})

    def build(self, name: str, values: Mapping[str, Any], **rest: Any) -> T:
        """Build an object of the class; raises BadSpec for an unknown name, parameter or value.

        Args:
            values: the values of parameters; the others have their default.
            rest: the other arguments of the constructor.
        """
        if name not in self:
            raise BadSpec(f"{self.noun}: expected one of {', '.join(self)}, received {name!r}.")
        known = list_parameters(self[name])
        for parameter in values:
            if parameter not in known:
                only = ", ".join(sorted(known)) or "no parameter"
                raise BadSpec(f"{name}: expected only {only}, received {parameter!r}.")
        return self[name](**values, **rest)


def _import_class(place: str) -> Any:
    module, _, attribute = place.partition(":")
    return getattr(importlib.import_module(module), attribute)


def format_number(value: float) -> str:
    """Format a number without an exponent: "0.000001", "1,048,576"."""
    if float(value).is_integer():
        return f"{int(value):,}"
    digits = 2 - math.floor(math.log10(abs(value)))
    return f"{value:,.{max(digits, 2)}f}".rstrip("0")


def _read_whole(text: str) -> Any:
    try:
        return int(text.strip())
    except ValueError:
        return text.strip()


def _split_items(text: str) -> list[str]:
    return [item.strip() for item in text.replace("\n", ",").split(",") if item.strip()]
