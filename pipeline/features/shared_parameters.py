"""Parameters that several blocks have, each declared once.

>>> from dataclasses import dataclass
>>> from pipeline.parameters import Parametrized
>>> @dataclass
... class Letters(Parametrized):
...     first: int = declare_first(4000, "letters")
>>> Letters(first=10)
Traceback (most recent call last):
pipeline.errors.BadSpec: first: expected a whole number from 100 to 10,000,000, received 10.
"""

from typing import Any

from pipeline.parameters import number, whole_number


def declare_scale(default: float, help: str) -> Any:
    """Declare the parameter `scale` of a block, a dataclass field: how much its columns weigh."""
    return number(
        default, 0.001, 100, logarithmic=True, label="Scale of the whole block", help=help
    )


def declare_min_mails(columns: str) -> Any:
    """Declare the parameter `min_mails` of a block, a dataclass field.

    Args:
        columns: what the columns are that it drops, in the plural.
    """
    return whole_number(
        2,
        1,
        1000,
        logarithmic=True,
        label="In at least this many train mails",
        help=f"Drops {columns} that fewer train mails have.",
    )


def declare_first(default: int, unit: str) -> Any:
    """Declare the parameter `first` of a block, a dataclass field: how much of a mail it reads.

    Args:
        unit: what is counted, in the plural: "bytes".
    """
    return whole_number(
        default,
        100,
        10_000_000,
        step=1000,
        logarithmic=True,
        label=f"{unit.capitalize()} read of a mail",
        help=f"Reads only this many {unit} from the start of each mail, so that a huge mail takes "
        "no longer than a long one.",
    )
