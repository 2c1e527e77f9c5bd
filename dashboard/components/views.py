"""The place of a view, where a page shows one of several."""

from collections.abc import Sequence
from typing import Any

import streamlit as st


def reserve_view(name: str, views: Sequence[str], view: str) -> Any:
    """The container of the chosen view; those of the others are not seen from now on.

    Streamlit lets what the last run drew stand until this one is at its end. In one container for
    all views the charts of the former one would leave one by one, as each of the new takes its
    place, and the rest 0.4 s later.

    Args:
        name: begins the keys of the containers, for `places.css`.
    """
    keys = {each: f"{name}_place_{number}" for number, each in enumerate(views)}
    hidden = ",".join(f".st-key-{key}" for each, key in keys.items() if each != view)
    st.html(f"<style>{hidden}{{display:none}}</style>")
    return {each: st.container(key=key) for each, key in keys.items()}[view]
