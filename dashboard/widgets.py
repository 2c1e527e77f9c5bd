"""Pieces of form that return a spec or a choice, and the few shapes that several pages share."""

from collections.abc import Mapping, Sequence
from typing import Any, NoReturn

import streamlit as st

from dashboard import state
from pipeline import models
from pipeline.models.mlp import OPTIMIZERS
from pipeline.models.network import ACTIVATIONS
from pipeline.specs import ModelSpec, SplitSpec
from pipeline.store import Run
from pipeline.workspace import Project

KINDS = {"logistic": "Baseline (logistic regression)", "mlp": "Neural network (MLP)"}
STATUS = {
    "queued": ":material/schedule: queued",
    "running": ":material/autorenew: training",
    "finished": ":material/check: finished",
    "stopped": ":material/stop_circle: stopped, best epoch kept",
    "failed": ":material/error: failed",
    "interrupted": ":material/power_off: interrupted",
}
PAGES = "app_pages"


class EndOfPage(Exception):
    """Ends a page early while the checklist beside it is still drawn, which st.stop prevents."""


def page_file(page: str) -> str:
    """The path of a page, as Streamlit's links want it."""
    return f"{PAGES}/{page}.py"


def dead_end(sentence: str, page: str, label: str) -> NoReturn:
    """Nothing to show yet: say what to do next, link to where it is done, and end the page."""
    st.info(sentence, icon=":material/arrow_forward:")
    st.page_link(page_file(page), label=label, icon=":material/arrow_forward:")
    raise EndOfPage


def need_project() -> Project:
    """The chosen project, or a dead end that leads to the start."""
    project = state.project()
    if project is None:
        missing = state.unknown_project()
        sentence = (
            literal(f"There is no project {missing!r} in this workspace.")
            if missing
            else "No project is open."
        )
        dead_end(
            f"{sentence} Choose one on the start page, or upload a file.", "start", "To the start"
        )
    return project


def split_form(now: SplitSpec) -> SplitSpec | None:
    """Shares and seed; the spec when the button was pressed."""
    with st.form("split_form", border=True):
        left, middle, right = st.columns(3)
        train = left.number_input(
            "Train (%)",
            10,
            98,
            round(now.train * 100),
            help="The model learns from these mails, and only from these.",
        )
        validation = middle.number_input(
            "Validation (%)",
            1,
            80,
            round(now.validation * 100),
            help="Choose among epochs, thresholds and runs with these; read your errors here.",
        )
        seed = right.number_input(
            "Seed",
            0,
            2**31 - 1,
            now.seed,
            help="The same seed and mails give the same parts on every machine.",
        )
        st.caption(
            "What remains is the test part. Each part gets the same share of spam (stratified)."
        )
        pressed = st.form_submit_button("Divide the mails", type="primary")
    if not pressed:
        return None
    test = 100 - int(train) - int(validation)
    return SplitSpec(
        train=int(train) / 100, validation=int(validation) / 100, test=test / 100, seed=int(seed)
    )


def baseline_form(disabled: bool) -> tuple[ModelSpec, str] | None:
    """The baseline's few settings; the spec and the note when the button was pressed."""
    default = models.defaults("logistic")
    with st.form("baseline_form", border=True):
        st.markdown("**1. Baseline**: logistic regression")
        with st.expander("Settings"):
            strength = st.number_input(
                "C (inverse regularisation)",
                1e-6,
                1e6,
                default["C"],
                format="%g",
                help="Larger fits the train mails more closely; smaller keeps the weights small.",
            )
            weights = _class_weight("baseline")
            seed = _seed("baseline")
        note = _note("baseline")
        pressed = st.form_submit_button(
            "Train the baseline", type="primary", disabled=disabled, width="stretch"
        )
    if not pressed:
        return None
    return ModelSpec("logistic", {"C": float(strength), "class_weight": weights}, seed), note


def mlp_form(disabled: bool, why: str | None) -> tuple[ModelSpec, str] | None:
    """The network's settings; the spec and the note when the button was pressed."""
    default = models.defaults("mlp")
    with st.form("mlp_form", border=True):
        st.markdown("**2. Neural network**: multilayer perceptron")
        if why:
            st.caption(why)
        with st.expander("Network"):
            layers = st.text_input(
                "Units of the hidden layers",
                ", ".join(map(str, default["hidden"])),
                help="One to three numbers, such as 64 or 128, 32. More units can learn more and "
                "overfit more.",
            )
            activation = st.selectbox(
                "Activation",
                list(ACTIVATIONS),
                help="What a hidden unit does with its sum; relu is the usual choice.",
            )
            dropout = st.slider(
                "Dropout",
                0.0,
                0.9,
                default["dropout"],
                0.05,
                help="Share of units switched off at random in each step, against overfitting.",
            )
            l2 = st.number_input(
                "L2",
                0.0,
                1.0,
                default["l2"],
                format="%g",
                step=1e-5,
                help="Weight of the squared weights in the loss; 0 is none, 0.00001 is a little.",
            )
            inputs = st.number_input(
                "Inputs",
                16,
                1 << 20,
                default["inputs"],
                step=1024,
                help="The features that tell ham and spam apart best on train; more are slower.",
            )
        with st.expander("Training"):
            optimizer = st.selectbox(
                "Optimiser", list(OPTIMIZERS), help="How the weights follow the gradient."
            )
            rate = st.number_input(
                "Learning rate",
                1e-6,
                10.0,
                default["learning_rate"],
                format="%g",
                step=0.001,
                help="Size of a step. Too large: the loss jumps about; too small: it crawls.",
            )
            batch = st.number_input(
                "Batch size", 1, 4096, default["batch_size"], help="Mails looked at in one step."
            )
            epochs = st.number_input(
                "Epochs at most",
                1,
                1000,
                default["epochs"],
                help="Passes over all train mails; early stopping usually ends sooner.",
            )
            patience = st.number_input(
                "Early-stopping patience",
                1,
                1000,
                default["patience"],
                help="Stop after so many epochs without a lower validation loss.",
            )
            weights = _class_weight("mlp")
            seed = _seed("mlp")
        note = _note("mlp")
        pressed = st.form_submit_button(
            "Train the network", type="primary", disabled=disabled, width="stretch"
        )
    if not pressed:
        return None
    parameters: dict[str, Any] = {
        "hidden": [int(n) if n.strip().isdigit() else n.strip() for n in layers.split(",")],
        "activation": activation,
        "dropout": float(dropout),
        "l2": float(l2),
        "inputs": int(inputs),
        "optimizer": optimizer,
        "learning_rate": float(rate),
        "batch_size": int(batch),
        "epochs": int(epochs),
        "patience": int(patience),
        "class_weight": weights,
    }
    return ModelSpec("mlp", parameters, seed), note


def _class_weight(key: str) -> str:
    return st.selectbox(
        "Class weights",
        ["none", "balanced"],
        key=f"train_{key}_weights",
        help="balanced lets both classes weigh the same in total, however many mails each has.",
    )


def _seed(key: str) -> int:
    return int(
        st.number_input(
            "Seed",
            0,
            2**31 - 1,
            0,
            key=f"train_{key}_seed",
            help="Same seed, same data and settings: the same result.",
        )
    )


def _note(key: str) -> str:
    return st.text_input(
        "Note",
        key=f"train_{key}_note",
        placeholder="What changes in this run, and why?",
        help="Kept with the run; you can edit it later.",
    )


def pick_run(label: str, runs: Sequence[Run], key: str, preferred: str | None = None) -> Run:
    """A select box of runs; the preferred one, or else the newest, is chosen at first."""
    by_id = {run.id: run for run in runs}
    # a new box when there is a new run: the browser may still hold the old choice for the old one
    key = f"{key}_{runs[0].id}"
    if st.session_state.get(key) not in by_id:
        st.session_state.pop(key, None)
    start = list(by_id).index(preferred) if preferred in by_id else 0
    chosen = st.selectbox(
        label, list(by_id), index=start, key=key, format_func=lambda i: title(by_id[i])
    )
    return by_id[chosen]


def title(run: Run) -> str:
    """A run in one line."""
    after = " · after test" if run.after_test else ""
    note = f" · {run.note[:60]}" if run.note else ""
    return f"{run.name}{after}{note}"


def refuse(error: Exception) -> NoReturn:
    """Show the sentence of an error and end the page."""
    st.error(literal(str(error)), icon=":material/error:")
    raise EndOfPage


def metrics(values: Mapping[str, str]) -> None:
    """Figures side by side, as many to a row as there is room for."""
    with st.container(horizontal=True, gap="medium"):
        for title, value in values.items():
            st.metric(title, value, width="content")


def literal(text: str) -> str:
    """Text for a place where Streamlit reads Markdown: every character stands for itself."""
    return "".join(f"\\{c}" if c in "\\`*_{}[]()#+-.!|~$:<>&" else c for c in text)


def percent(share: float, digits: int = 2) -> str:
    """A share from 0 to 1 in percent."""
    return f"{share:.{digits}%}"


def duration(seconds: float) -> str:
    """About how long, in words."""
    if seconds < 90:
        return f"{max(1, round(seconds))} s"
    if seconds < 5400:
        return f"{round(seconds / 60)} min"
    return f"{seconds / 3600:.1f} h"
