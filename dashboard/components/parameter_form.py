"""The form of a model or a feature block, made from its declared parameters."""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from dashboard.components import widgets
from pipeline.parameters import Choice, Flag, Names, Number, Numbers, Parameter, WholeNumber

SLIDER_STEPS = 20
"""A range of at most 20 steps is a slider, on which every value can still be reached."""
LONG = 60
"""A list whose default has more than 60 characters gets an area as wide as the form."""


def draw_fields(
    parameters: Mapping[str, Parameter], values: Mapping[str, Any], key: str, columns: int = 1
) -> dict[str, Any]:
    """Draw the fields: those that are `shown_first`, and the others under *More settings*.

    Args:
        values: the first value of each field by name; fields that are missing show their default.
        key: the prefix of the keys of all fields.
        columns: how many fields stand side by side; a long list has a row of its own.

    Returns:
        The values by name, with those that are not possible; see `list_complaints`.
    """
    first = {name: p for name, p in parameters.items() if p.shown_first}
    rest = {name: p for name, p in parameters.items() if not p.shown_first}
    entered = _draw_rows(first, values, key, columns)
    if rest:
        with st.expander("More settings", key=f"{key}_more"):
            entered |= _draw_rows(rest, values, key, columns)
    return {name: entered[name] for name in parameters}


def list_complaints(parameters: Mapping[str, Parameter], values: Mapping[str, Any]) -> list[str]:
    """Write a sentence for each value that is not possible: what to enter, and what was entered."""
    return [
        f"{parameter.label}: enter {parameter.how_to_enter}, not {_quote_value(values[name])}."
        for name, parameter in parameters.items()
        if not parameter.accepts(values[name])
    ]


def _draw_rows(
    parameters: Mapping[str, Parameter], values: Mapping[str, Any], key: str, columns: int
) -> dict[str, Any]:
    entered: dict[str, Any] = {}

    def field(name: str) -> None:
        value = values.get(name, parameters[name].default)
        entered[name] = _draw_field(parameters[name], value, f"{key}_{name}")

    long = [name for name, parameter in parameters.items() if _is_long(parameter)]
    short = [name for name in parameters if name not in long]
    for start in range(0, len(short), columns):
        row = short[start : start + columns]
        for place, name in zip(st.columns(columns, vertical_alignment="bottom"), row, strict=False):
            with place:
                field(name)
    for name in long:
        field(name)
    return entered


def _draw_field(parameter: Parameter, value: Any, key: str) -> Any:
    """Draw a field; returns its value, or the typed text if that is not a value."""
    title = parameter.title
    common: dict[str, Any] = {"key": key, "help": widgets.escape_markdown(parameter.help)}
    match parameter:
        case Flag():
            return st.checkbox(title, value, **common)
        case Choice(choices=choices):
            return st.selectbox(title, choices, choices.index(value), **common)
        case Number(low=low, high=high, step=step) if (high - low) / step <= SLIDER_STEPS:
            return st.slider(title, float(low), float(high), value, step, **common)
        case Number(low=low, high=high, step=step):
            return st.number_input(
                title,
                float(low),
                float(high),
                value,
                step,
                format="%g",
                placeholder=parameter.when_empty or None,
                **common,
            )
        case WholeNumber(low=low, high=high, step=step):
            return st.number_input(
                title,
                int(low),
                int(high),
                value,
                int(step),
                placeholder=parameter.when_empty or None,
                **common,
            )
    edit = st.text_area if _is_long(parameter) else st.text_input
    return parameter.read(edit(title, parameter.write(value), **common))


def _is_long(parameter: Parameter) -> bool:
    is_list = isinstance(parameter, Numbers | Names)
    return is_list and len(parameter.write(parameter.default)) > LONG


def _quote_value(value: Any) -> str:
    if value is None:
        return "nothing"
    text = ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
    return f"“{text}”" if text else "nothing"
