"""How a parameter is declared: once, in the model or feature block that it belongs to.

Models and blocks are dataclasses; functions such as `number` make the fields that are parameters:

>>> from dataclasses import dataclass
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

from pipeline.parameters.fields import (
    Parametrized,
    choice,
    flag,
    list_parameters,
    names,
    number,
    numbers,
    read_assignment,
    whole_number,
)
from pipeline.parameters.kinds import (
    Choice,
    Flag,
    Names,
    Number,
    Numbers,
    Parameter,
    WholeNumber,
    format_number,
)
from pipeline.parameters.registry import Registry

__all__ = [
    "Choice",
    "Flag",
    "Names",
    "Number",
    "Numbers",
    "Parameter",
    "Parametrized",
    "Registry",
    "WholeNumber",
    "choice",
    "flag",
    "format_number",
    "list_parameters",
    "names",
    "number",
    "numbers",
    "read_assignment",
    "whole_number",
]
