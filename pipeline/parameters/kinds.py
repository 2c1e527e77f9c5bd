"""The kinds of parameters: what each accepts, how it is read from a text and written as one."""

import math
import re
from dataclasses import dataclass
from typing import Any

from pipeline.errors import expect, is_whole


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
