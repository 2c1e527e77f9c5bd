"""The worker processes, which keep slow work out of the page's own thread."""

from collections.abc import Callable
from typing import ParamSpec, TypeVar

import streamlit as st

from pipeline.runtime.jobs import Jobs

P = ParamSpec("P")
R = TypeVar("R")


@st.cache_resource(show_spinner=False)
def jobs() -> Jobs:
    """Return the cluster, which all sessions of this server share."""
    return Jobs()


def on_worker(function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """Call a function in another process and return its result."""
    from dashboard import cache  # looked up there, because tests replace it

    result: R = cache.jobs().call(function, *args, **kwargs)
    return result
