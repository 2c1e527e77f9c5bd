"""The form that chooses, orders and sets the feature blocks of a project; saved at once."""

import inspect
import re
from typing import Any

import streamlit as st

from dashboard import state
from dashboard.components import widgets
from pipeline import features
from pipeline.errors import BadSpec
from pipeline.features import FEATURES
from pipeline.project import Project
from pipeline.specs import BlockSpec, FeatureSpec
from pipeline.training.chosen_features import choose_features, chosen_features

READS = {
    "grams": "Runs of bytes (1, 2 and 4 unless set otherwise), hashed; reads any language.",
    "words": "Words and pairs of words, TF-IDF; for those who want to read the features.",
    "headers": "Tokens of the header fields, when the mails have headers.",
    "links": "Links, domains, addresses, mismatches.",
    "shape": "Length, capitals, punctuation, scripts, invisible text.",
    "sender": "How much spam this sender and domain sent before, learnt from train.",
}
"""By block, what it reads, in one sentence; another block is introduced by its docstring."""
LABELS = {
    "lengths": "Run lengths (bytes)",
    "bits": "Buckets (power of two)",
    "first": "Bytes read of a mail",
    "words.first": "Characters read of a mail",
    "longest": "Words in a row, at most",
    "top": "Columns at most",
    "left_out": "Header fields left out",
    "smooth": "Smoothing (mails)",
    "weight": "Weight of repetitions",
    "idf": "Rare ones count more (IDF)",
    "min_mails": "In so many train mails at least",
    "scale": "Scale of the whole block",
}
"""What a parameter, or that of one block, is called where its name alone says too little."""
CHOICES = {"weight": ("binary", "log", "count")}
LONG = 60
"""A list whose default has more characters is edited in an area as wide as the form."""


def title(kind: str) -> str:
    """The name of a block as a heading."""
    return kind.replace("_", " ").capitalize()


def in_words(project: Project) -> str:
    """The blocks that the next training reads, in order."""
    try:
        return ", then ".join(b.kind for b in chosen_features(project).blocks)
    except BadSpec:
        return "not readable, choose them again"


def readable(project: Project) -> FeatureSpec:
    """The project's features; when they cannot be read, the way back to the default."""
    try:
        return chosen_features(project)
    except BadSpec as error:
        sentence = f"The features of this project cannot be read. {error}"
        st.error(widgets.literal(sentence), icon=":material/error:")
        if st.button("Back to the default", key="features_default"):
            choose_features(project, None)
            st.rerun()
        raise widgets.EndOfPage from error


def show(project: Project) -> None:
    """The chosen blocks in order; whatever is changed is saved and the page drawn anew."""
    now = readable(project)
    st.markdown(
        f"The next training reads **{in_words(project)}**. A change is saved at once; runs keep "
        "the features that they were trained with."
    )
    default = features.complete(FeatureSpec())
    form = state.features_form(f"{project.name} {now.key}")
    blocks = list(now.blocks)
    order = list(range(len(blocks)))
    for i in range(len(blocks)):
        with st.container(border=True, key=f"features_block_{i}"):
            order = _head(blocks[i].kind, i, order)
            blocks[i] = _settings(blocks[i], f"{form}_{blocks[i].kind}_{_nth(now, i)}")
    wanted = [blocks[i] for i in order]
    with st.container(horizontal=True, vertical_alignment="bottom"):
        more = [kind for kind in FEATURES if kind not in {b.kind for b in now.blocks}]
        if more:
            chosen = st.selectbox(
                "Another block", more, format_func=title, key="features_more", width=260
            )
            if st.button("Add it", icon=":material/add:", key="features_add"):
                wanted.append(BlockSpec(chosen))
        if st.button("Back to the default", disabled=now == default, key="features_default"):
            choose_features(project, None)
            st.rerun()
    if more:
        st.caption(f"{title(chosen)}: {_reads(chosen)}")
    changed = features.complete(FeatureSpec(tuple(wanted)))
    if changed != now:
        choose_features(project, changed)
        moved = order != list(range(len(blocks)))
        twins = len({b.kind for b in blocks}) < len(blocks)
        if not (moved and twins):  # widgets go with the kind of a block; those of twins start anew
            state.features_form_shows(f"{project.name} {changed.key}")
        st.rerun()


def _head(kind: str, i: int, order: list[int]) -> list[int]:
    """Name, sentence and buttons of the i-th block; the order that the buttons ask for."""
    last = len(order) - 1
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown(f"**{i + 1}. {title(kind)}**", width="stretch")
        up = _button("Up", i, disabled=i == 0)
        down = _button("Down", i, disabled=i == last)
        gone = _button("Remove", i, disabled=last == 0)
    st.caption(_reads(kind))
    if gone:
        return [j for j in order if j != i]
    if up or down:
        other = i - 1 if up else i + 1
        order = list(order)
        order[i], order[other] = order[other], order[i]
    return order


def _button(name: str, i: int, disabled: bool) -> bool:
    return st.button(name, key=f"features_{name.lower()}_{i}", type="tertiary", disabled=disabled)


def _settings(block: BlockSpec, key: str) -> BlockSpec:
    """The parameters of a block; the block as it was when one of them is impossible."""
    texts = _helps(block.kind)
    default = features.defaults(block.kind)
    long = [n for n in block.parameters if isinstance(default[n], list) and _is_long(default[n])]
    asked: dict[str, Any] = {}
    with st.expander("Settings", key=f"{key}_settings"):
        for row in _rows([n for n in block.parameters if n not in long], 3):
            columns = st.columns(3, vertical_alignment="bottom")
            for place, name in zip(columns, row, strict=False):
                with place:
                    asked[name] = _parameter(block, name, f"{key}_{name}", texts.get(name))
        for name in long:
            asked[name] = _parameter(block, name, f"{key}_{name}", texts.get(name))
    wanted = BlockSpec(block.kind, asked)
    try:
        features.complete(FeatureSpec((wanted,)))
    except BadSpec as error:
        name, colon, rest = str(error).partition(":")
        st.error(
            widgets.literal(
                f"{label(block.kind, name)}{colon}{rest} Until then the last good settings count."
            ),
            icon=":material/error:",
        )
        return block
    changed = [label(block.kind, n) for n, v in block.parameters.items() if v != default[n]]
    if changed:
        st.caption(f"Not as in the default: {', '.join(changed)}.")
    return wanted


def label(kind: str, name: str) -> str:
    """What a parameter of a block is called on the page."""
    return LABELS.get(f"{kind}.{name}") or LABELS.get(name) or title(name)


def _parameter(block: BlockSpec, name: str, key: str, text: str | None) -> Any:
    """One parameter, edited as what it is."""
    value, called = block.parameters[name], label(block.kind, name)
    said: dict[str, Any] = {"key": key, "help": text}
    if isinstance(value, bool):
        return st.checkbox(called, value, **said)
    if isinstance(value, int):
        return int(st.number_input(called, value=value, step=1, **said))
    if isinstance(value, float):
        return float(st.number_input(called, value=value, step=0.1, format="%g", **said))
    if isinstance(value, list):
        default = features.defaults(block.kind)[name]
        edit = st.text_area if _is_long(default) else st.text_input
        typed = edit(called, _in_one_line(value), **said)
        items = [item.strip() for item in typed.replace("\n", ",").split(",") if item.strip()]
        names = any(isinstance(item, str) for item in default)
        return items if names else [_number(item) for item in items]
    if name in CHOICES and value in CHOICES[name]:
        return st.selectbox(called, CHOICES[name], CHOICES[name].index(value), **said)
    typed = st.text_input(called, "" if value is None else str(value), **said)
    return typed if isinstance(value, str) else _number(typed.strip()) if typed.strip() else None


def _in_one_line(values: list[Any]) -> str:
    return ", ".join(map(str, values))


def _is_long(values: list[Any]) -> bool:
    return len(_in_one_line(values)) > LONG


def _number(text: str) -> Any:
    """A whole number or another one where the text is one, else the text itself."""
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text


def _rows(names: list[str], size: int) -> list[list[str]]:
    return [names[i : i + size] for i in range(0, len(names), size)]


def _nth(spec: FeatureSpec, i: int) -> int:
    """How many blocks of the same kind stand before the i-th."""
    return sum(b.kind == spec.blocks[i].kind for b in spec.blocks[:i])


def _reads(kind: str) -> str:
    return READS.get(kind) or widgets.literal(_docstring(kind).split("\n")[0])


def _docstring(kind: str) -> str:
    return inspect.cleandoc(FEATURES[kind].__doc__ or title(kind))


def _helps(kind: str) -> dict[str, str]:
    """What the docstring of a block, or of what it inherits from, says of each argument."""
    sentences: dict[str, str] = {}
    for ancestor in reversed(FEATURES[kind].__mro__):
        _, _, arguments = inspect.cleandoc(ancestor.__doc__ or "").partition("Args:\n")
        arguments = arguments.split("\n\n")[0]
        found = re.findall(r"^    (\w+): (.*(?:\n {8,}.*)*)", arguments, re.MULTILINE)
        sentences |= {name: " ".join(text.split()).replace("`", "") for name, text in found}
    return {n: widgets.literal(text[:1].upper() + text[1:]) for n, text in sentences.items()}
