"""The processes that do what takes long, so that the page's own thread stays free."""

from collections.abc import Callable
from typing import ParamSpec, TypeVar

import streamlit as st

from pipeline.runtime.jobs import Jobs

P = ParamSpec("P")
R = TypeVar("R")


@st.cache_resource(show_spinner=False)
def jobs() -> Jobs:
    """The cluster, started once for all sessions of this server."""
    return Jobs()


def on_worker(function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """What the function answers, worked out in another process."""
    from dashboard import cache  # asked by its name there, which a test may replace

    result: R = cache.jobs().call(function, *args, **kwargs)
    return result
