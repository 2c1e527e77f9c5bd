"""The form that says how the mails are divided, and what so many of them can show."""

from collections.abc import Mapping, Sequence

import streamlit as st

from dashboard.components import widgets
from pipeline.similarity import near_duplicates
from pipeline.specs import SplitSpec
from pipeline.splits import size

WAYS = {
    "grouped": "Grouped: near-duplicates stay on one side, each part has the same share of spam",
    "stratified": "Stratified: exact copies stay on one side, each part has the same share of spam",
    "time": "By time: train on the oldest mails, test on the newest, as a filter in use",
    "column": "By a column: the file says which mail belongs to which part",
}
NONE = "(none)"


def show(
    now: SplitSpec,
    counts: Mapping[str, int],
    dated: int,
    columns: Sequence[str],
    parts: Sequence[str],
) -> SplitSpec | None:
    """Draw the form; the spec when the button was pressed.

    Args:
        now: what the form shows at first.
        counts: mails by class, for what validation will be able to show.
        dated: mails with a date; a split by time is offered only when there are any.
        columns: spare columns of the file whose mails may be kept together.
        parts: those of them that hold only the words train, validation and test.
    """
    ways = [w for w in WAYS if (w != "time" or dated) and (w != "column" or parts)]
    with st.container(border=True):
        way = st.radio(
            "How to divide",
            ways,
            index=ways.index(now.strategy) if now.strategy in ways else 0,
            format_func=WAYS.__getitem__,
            key="split_way",
        )
        if way == "column":
            column = st.selectbox("Column", parts, key="split_column")
            if st.button("Divide the mails", type="primary", key="split_divide"):
                return SplitSpec(strategy="column", column=column)
            return None
        left, middle, right = st.columns(3)
        train = left.number_input(
            "Train (%)",
            10,
            98,
            round(now.train * 100),
            key="split_train",
            help="The model learns from these mails, and only from these.",
        )
        validation = middle.number_input(
            "Validation (%)",
            1,
            80,
            round(now.validation * 100),
            key="split_validation",
            help="Choose among epochs, thresholds and runs with these; read your errors here.",
        )
        seed, similarity, together = now.seed, now.similarity, None
        if way != "time":
            seed = right.number_input(
                "Seed",
                0,
                2**31 - 1,
                now.seed,
                key="split_seed",
                help="The same seed and mails give the same parts on every machine.",
            )
        if way == "grouped":
            near, beside = st.columns(2)
            similarity = near.slider(
                "Near-duplicates from a similarity of",
                near_duplicates.LOWEST_SIMILARITY,
                1.0,
                float(now.similarity),
                0.05,
                key="split_similarity",
                help="The share of their words that two mails have in common. 1: the same words; "
                "0.65: about one word in five was changed.",
            )
            chosen = beside.selectbox(
                "Keep together as well all mails with the same",
                [NONE, *columns],
                index=1 + columns.index(now.column) if now.column in columns else 0,
                key="split_together",
            )
            together = None if chosen == NONE else chosen
        test = 100 - int(train) - int(validation)
        st.caption(f"What remains, {max(0, test)} %, is the test part.")
        ham, spam = (round(counts[label] * int(validation) / 100) for label in ("ham", "spam"))
        for sentence in size.list_warnings(ham, spam):
            st.warning(widgets.literal(sentence), icon=":material/straighten:")
        pressed = st.button("Divide the mails", type="primary", key="split_divide")
    if not pressed:
        return None
    return SplitSpec(
        train=int(train) / 100,
        validation=int(validation) / 100,
        test=test / 100,
        strategy=way,
        seed=int(seed),
        similarity=similarity,
        column=together,
    )
