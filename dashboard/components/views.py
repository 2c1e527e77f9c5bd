"""The place of the chosen view on a page with several."""

from collections.abc import Sequence
from typing import Any

import streamlit as st


def reserve_view(name: str, views: Sequence[str], view: str) -> Any:
    """Return the container of the chosen view, and hide those of the others.

    Streamlit keeps what the last run drew until this run ends. If all views shared a container, the
    charts of the old view would disappear one by one, as those of the new view replace them, and
    the rest 0.4 s later.

    Args:
        name: the prefix of the containers' keys, for `places.css`.
    """
    keys = {each: f"{name}_place_{number}" for number, each in enumerate(views)}
    hidden = ",".join(f".st-key-{key}" for each, key in keys.items() if each != view)
    st.html(f"<style>{hidden}{{display:none}}</style>")
    return {each: st.container(key=key) for each, key in keys.items()}[view]
