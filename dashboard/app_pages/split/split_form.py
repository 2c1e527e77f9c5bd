"""The form that says how the mails are divided, and warns when validation would be too small."""

from collections.abc import Mapping, Sequence

import streamlit as st

from dashboard.components import widgets
from pipeline.similarity import near_duplicates
from pipeline.specs import SplitSpec
from pipeline.splits import size

STRATEGIES = {
    "grouped": "Grouped: near-duplicates stay in one part, each part has the same share of spam",
    "stratified": "Stratified: exact copies stay in one part, each part has the same share of spam",
    "time": "By time: train on the oldest mails, test on the newest, as a filter in use",
    "column": "By a column: the file says which mail belongs to which part",
}
NONE = "(none)"


def draw_split_form(
    spec: SplitSpec,
    counts: Mapping[str, int],
    dated: int,
    columns: Sequence[str],
    part_columns: Sequence[str],
) -> SplitSpec | None:
    """Draw the form; the chosen spec, once the button was pressed.

    Args:
        spec: what the form shows at first.
        counts: mails by class, for what validation will be able to show.
        dated: mails with a date; a split by time is offered only when there are any.
        columns: spare columns of the file whose mails may be kept together.
        part_columns: those of them that hold only the words train, validation and test.
    """
    strategies = [
        s for s in STRATEGIES if (s != "time" or dated) and (s != "column" or part_columns)
    ]
    with st.container(border=True):
        strategy = st.radio(
            "How to divide",
            strategies,
            index=strategies.index(spec.strategy) if spec.strategy in strategies else 0,
            format_func=STRATEGIES.__getitem__,
            key="split_way",
        )
        if strategy == "column":
            column = st.selectbox("Column", part_columns, key="split_column")
            if st.button("Divide the mails", type="primary", key="split_divide"):
                return SplitSpec(strategy="column", column=column)
            return None
        left, middle, right = st.columns(3)
        train = left.number_input(
            "Train (%)",
            10,
            98,
            round(spec.train * 100),
            key="split_train",
            help="The model learns from these mails, and only from these.",
        )
        validation = middle.number_input(
            "Validation (%)",
            1,
            80,
            round(spec.validation * 100),
            key="split_validation",
            help="Use these to choose epochs, thresholds and runs, and to read the errors.",
        )
        seed, similarity, together = spec.seed, spec.similarity, None
        if strategy != "time":
            seed = right.number_input(
                "Seed",
                0,
                2**31 - 1,
                spec.seed,
                key="split_seed",
                help="The same seed and mails give the same parts on every machine.",
            )
        if strategy == "grouped":
            left, right = st.columns(2)
            similarity = left.slider(
                "Minimum similarity of near-duplicates",
                near_duplicates.LOWEST_SIMILARITY,
                1.0,
                float(spec.similarity),
                0.05,
                key="split_similarity",
                help="The share of their words that two mails have in common. 1: the same words; "
                "0.65: about one word in five differs.",
            )
            column = right.selectbox(
                "Also keep together all mails with the same",
                [NONE, *columns],
                index=1 + columns.index(spec.column) if spec.column in columns else 0,
                key="split_together",
            )
            together = None if column == NONE else column
        test = 100 - int(train) - int(validation)
        st.caption(f"The remaining {max(0, test)}% is the test part.")
        ham, spam = (round(counts[label] * int(validation) / 100) for label in ("ham", "spam"))
        for sentence in size.list_warnings(ham, spam):
            st.warning(widgets.escape_markdown(sentence), icon=":material/straighten:")
        pressed = st.button("Divide the mails", type="primary", key="split_divide")
    if not pressed:
        return None
    return SplitSpec(
        train=int(train) / 100,
        validation=int(validation) / 100,
        test=test / 100,
        strategy=strategy,
        seed=int(seed),
        similarity=similarity,
        column=together,
    )
