"""The forms of the Train page: which model to train next, with which settings and what note."""

import dataclasses
from collections.abc import Sequence

import streamlit as st

from dashboard.components import parameter_form, widgets
from pipeline.models import MODELS
from pipeline.models.model import Role
from pipeline.parameters import Parameter, WholeNumber, list_parameters
from pipeline.specs import ModelSpec

MOST_SEEDS = 20
SEED = WholeNumber(
    default=0,
    low=0,
    high=2**31 - 1 - MOST_SEEDS,
    step=1,
    label="Seed",
    help="The same seed, mails and settings give the same result.",
)
SEEDS = WholeNumber(
    default=1,
    low=1,
    high=MOST_SEEDS,
    step=1,
    label="Number of seeds",
    help="Trains this many networks one after the other, with this seed and those that follow it. "
    "Compare shows them as one run with its spread, so that a lucky seed is not taken for "
    "progress; 5 is a good number.",
)


def draw_baseline_form(disabled: bool) -> tuple[list[ModelSpec], str] | None:
    """Draw the form of a baseline or the floor; returns its spec and the note after a click."""
    with st.container(border=True):
        st.markdown("**1. Baseline**")
        return _order("baseline", ("baseline", "floor"), disabled)


def draw_network_form(disabled: bool, why: str | None) -> tuple[list[ModelSpec], str] | None:
    """Draw the form of a network; returns a spec for each seed and the note after a click.

    Args:
        why: a sentence that says what must be done first; None if nothing.
    """
    with st.container(border=True):
        st.markdown("**2. Neural network**")
        if why:
            st.caption(why)
        return _order("network", ("network",), disabled)


def _order(name: str, roles: Sequence[Role], disabled: bool) -> tuple[list[ModelSpec], str] | None:
    kind = _choose(name, roles)
    model = MODELS[kind]
    st.caption(model.summary)
    fields: dict[str, Parameter] = dict(list_parameters(model))
    if model.uses_seed:
        fields["seed"] = SEED
    if model.role == "network":
        fields["seeds"] = SEEDS
    with st.form(f"{name}_form", border=False):
        values = parameter_form.draw_fields(fields, {}, f"train_{kind}")
        note = st.text_input(
            "Note",
            key=f"train_{name}_note",
            placeholder="What changes in this run, and why?",
            help="Kept with the run; you can edit it later.",
        )
        pressed = st.form_submit_button(
            f"Train the {name}", type="primary", disabled=disabled, width="stretch"
        )
    if not pressed:
        return None
    if wrong := parameter_form.list_complaints(fields, values):
        for sentence in wrong:
            st.error(widgets.escape_markdown(sentence), icon=":material/error:")
        return None
    seed, seeds = values.pop("seed", 0), values.pop("seeds", 1)
    first = ModelSpec(kind, values, seed)
    return [dataclasses.replace(first, seed=seed + i) for i in range(seeds)], note


def _choose(name: str, roles: Sequence[Role]) -> str:
    """The model to train, the default one first; nothing is asked where there is only one."""
    kinds = sorted(
        (kind for kind in MODELS if MODELS[kind].role in roles),
        key=lambda kind: (kind != ModelSpec.kind, roles.index(MODELS[kind].role)),
    )
    if len(kinds) == 1:
        return kinds[0]
    return str(
        st.selectbox(
            "Model", kinds, format_func=lambda k: MODELS[k].title, key=f"train_{name}_kind"
        )
    )
