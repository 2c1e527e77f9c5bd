"""What the user entered into a field, and what a field holds before it is drawn."""

from dataclasses import dataclass
from typing import Generic, TypeVar

import streamlit as st

T = TypeVar("T")


@dataclass(frozen=True)
class Field(Generic[T]):
    """The value of a Streamlit widget, by the key that the widget is drawn with."""

    key: str

    @property
    def is_set(self) -> bool:
        """Whether the field was drawn in this session, or filled."""
        return self.key in st.session_state

    @property
    def value(self) -> T:
        """What the field holds; raises KeyError unless it `is_set`."""
        value: T = st.session_state[self.key]
        return value

    def get(self) -> T | None:
        """Return what the field holds, or None unless it `is_set`."""
        value: T | None = st.session_state.get(self.key)
        return value

    def fill(self, value: T) -> None:
        """Set what the field holds: in a callback, or before the field is drawn."""
        st.session_state[self.key] = value

    def forget(self) -> None:
        """Let the field be drawn as if it were new."""
        st.session_state.pop(self.key, None)
