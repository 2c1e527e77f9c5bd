"""The forms of the Train page: a baseline, a network; each gives specs and a note."""

import dataclasses
from typing import Any

import streamlit as st

from pipeline import models
from pipeline.models.mlp import OPTIMIZERS
from pipeline.models.network import ACTIVATIONS
from pipeline.specs import ModelSpec

BASELINES = {
    "logistic": "Logistic regression",
    "naive_bayes": "Naive Bayes",
    "majority": "Majority",
}
MOST_SEEDS = 20
ABOUT = {
    "logistic": "The one to beat: fast, and better than most.",
    "naive_bayes": "What mail filters did for twenty years.",
    "majority": "Gives every mail the share of spam: the floor that any model must clear.",
}


def baseline(disabled: bool) -> tuple[list[ModelSpec], str] | None:
    """A baseline's kind and its few settings; its spec and the note when the button was pressed."""
    with st.container(border=True):
        st.markdown("**1. Baseline**")
        kind = str(
            st.selectbox(
                "Model",
                list(BASELINES),
                format_func=lambda k: BASELINES[k],
                key="train_baseline_kind",
            )
        )
        st.caption(ABOUT[kind])
        with st.form("baseline_form", border=False):
            parameters, seed = SETTINGS[kind]()
            note = _note("baseline")
            pressed = st.form_submit_button(
                "Train the baseline", type="primary", disabled=disabled, width="stretch"
            )
    return ([ModelSpec(kind, parameters, seed)], note) if pressed else None


def _logistic() -> tuple[dict[str, Any], int]:
    with st.expander("Settings"):
        strength = st.number_input(
            "C (inverse regularisation)",
            1e-6,
            1e6,
            None,
            format="%g",
            placeholder="chosen inside train",
            help="Larger fits the train mails more closely; smaller keeps the weights small. Left "
            "empty, it is chosen by cross-validation on train mails, and the run shows how.",
        )
        weights = _class_weight("baseline")
        seed = _seed("baseline")
    return {"C": strength, "class_weight": weights}, seed


def _naive_bayes() -> tuple[dict[str, Any], int]:
    with st.expander("Settings"):
        alpha = st.number_input(
            "Smoothing (alpha)",
            1e-10,
            100.0,
            models.defaults("naive_bayes")["alpha"],
            format="%g",
            help="So many mails' worth of every feature are added to each class, so that a feature "
            "that was never seen in one class does not decide alone.",
        )
    return {"alpha": float(alpha)}, 0


def _nothing() -> tuple[dict[str, Any], int]:
    return {}, 0


SETTINGS = {"logistic": _logistic, "naive_bayes": _naive_bayes, "majority": _nothing}


def network(disabled: bool, why: str | None) -> tuple[list[ModelSpec], str] | None:
    """The network's settings; a spec for each seed and the note when the button was pressed."""
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
            wide = st.checkbox(
                "Linear path beside the hidden layers",
                default["wide"],
                help="It starts as the logistic regression of the same mails, which is epoch 0 of "
                "the curves; the hidden layers learn what that misses. Without it the network "
                "learns from nothing.",
            )
            batch_norm = st.checkbox(
                "Batch normalisation",
                default["batch_norm"],
                help="Brings each hidden unit to mean 0 and variance 1 within a batch.",
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
                help="Weight of the squared weights of the hidden layers in the loss; 0 is none, "
                "0.00001 is a little.",
            )
            inputs = st.number_input(
                "Inputs",
                16,
                1 << 20,
                default["inputs"],
                step=1024,
                help="So many features, those that tell ham and spam apart best on train, go into "
                "the hidden layers; more are slower.",
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
            plateau = st.number_input(
                "Halve the learning rate after",
                0,
                1000,
                default["plateau"],
                help="So many epochs without a lower validation loss; 0 never does.",
            )
            clip = st.number_input(
                "Longest gradient",
                0.0,
                1000.0,
                default["clip_norm"],
                format="%g",
                help="A longer one is cut to this length, against exploding gradients; 0 never "
                "does.",
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
            seeds = st.number_input(
                "Number of seeds",
                1,
                MOST_SEEDS,
                1,
                key="train_mlp_seeds",
                help="So many networks are trained, one after the other, with this seed and those "
                "that follow it. Compare shows them as one, with their spread, so that a lucky "
                "seed is not taken for progress; 5 are a good number.",
            )
        note = _note("mlp")
        pressed = st.form_submit_button(
            "Train the network", type="primary", disabled=disabled, width="stretch"
        )
    if not pressed:
        return None
    parameters: dict[str, Any] = {
        "hidden": [int(n) if n.strip().isdigit() else n.strip() for n in layers.split(",")],
        "activation": activation,
        "wide": wide,
        "batch_norm": batch_norm,
        "dropout": float(dropout),
        "l2": float(l2),
        "inputs": int(inputs),
        "optimizer": optimizer,
        "learning_rate": float(rate),
        "plateau": int(plateau),
        "clip_norm": float(clip),
        "batch_size": int(batch),
        "epochs": int(epochs),
        "patience": int(patience),
        "class_weight": weights,
    }
    first = ModelSpec("mlp", parameters, seed)
    return [dataclasses.replace(first, seed=seed + i) for i in range(int(seeds))], note


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
            2**31 - 1 - MOST_SEEDS,
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
