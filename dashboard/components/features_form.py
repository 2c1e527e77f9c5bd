"""The form that chooses, orders and sets the feature blocks of a project; it saves every change."""

import streamlit as st

from dashboard import state
from dashboard.components import parameter_form, widgets
from pipeline import features
from pipeline.errors import BadSpec
from pipeline.features import FEATURES
from pipeline.parameters import Parameter, list_parameters
from pipeline.project import Project
from pipeline.specs import BlockSpec, FeatureSpec
from pipeline.training.chosen_features import choose_features, read_chosen_features


def describe_features(project: Project) -> str:
    """Name the blocks that the next training reads, in order."""
    try:
        return ", then ".join(b.kind for b in read_chosen_features(project).blocks)
    except BadSpec:
        return "not readable, choose them again"


def read_features(project: Project) -> FeatureSpec:
    """Read the project's features; if that fails, end the page with a way back to the default."""
    try:
        return read_chosen_features(project)
    except BadSpec as error:
        sentence = f"The features of this project cannot be read. {error}"
        st.error(widgets.escape_markdown(sentence), icon=":material/error:")
        if st.button("Back to the default", key="features_default"):
            choose_features(project, None)
            st.rerun()
        raise widgets.EndOfPage from error


def draw_features_form(project: Project) -> None:
    """Draw the chosen blocks in order; a change is saved and the page drawn again."""
    now = read_features(project)
    st.markdown(
        f"The next training reads **{describe_features(project)}**. A change is saved at once; "
        "runs keep the features that they were trained with."
    )
    default = features.complete(FeatureSpec())
    form = state.name_features_form(f"{project.name} {now.key}")
    blocks = list(now.blocks)
    order = list(range(len(blocks)))
    for i in range(len(blocks)):
        with st.container(border=True, key=f"features_block_{i}"):
            order = _draw_head(blocks[i].kind, i, order)
            blocks[i] = _draw_settings(
                blocks[i], f"{form}_{blocks[i].kind}_{_count_before(now, i)}"
            )
    ordered = [blocks[i] for i in order]
    with st.container(horizontal=True, vertical_alignment="bottom"):
        more = [kind for kind in FEATURES if kind not in {b.kind for b in now.blocks}]
        if more:
            chosen = st.selectbox(
                "Another block",
                more,
                format_func=lambda kind: FEATURES.describe(kind).title,
                key="features_more",
                width=260,
            )
            if st.button("Add it", icon=":material/add:", key="features_add"):
                ordered.append(BlockSpec(chosen))
        if st.button("Back to the default", disabled=now == default, key="features_default"):
            choose_features(project, None)
            st.rerun()
    if more:
        block = FEATURES.describe(chosen)
        st.caption(f"{block.title}: {widgets.escape_markdown(block.summary)}")
    changed = features.complete(FeatureSpec(tuple(ordered)))
    if changed != now:
        choose_features(project, changed)
        moved = order != list(range(len(blocks)))
        twins = len({b.kind for b in blocks}) < len(blocks)
        if not (moved and twins):  # widgets move with the kind of a block; those of twins are new
            state.mark_features_shown(f"{project.name} {changed.key}")
        st.rerun()


def _draw_head(kind: str, i: int, order: list[int]) -> list[int]:
    """Draw name, summary and buttons of the i-th block; returns the order after a click."""
    last = len(order) - 1
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown(f"**{i + 1}. {FEATURES.describe(kind).title}**", width="stretch")
        up = _draw_button("Up", i, disabled=i == 0)
        down = _draw_button("Down", i, disabled=i == last)
        gone = _draw_button("Remove", i, disabled=last == 0)
    st.caption(widgets.escape_markdown(FEATURES.describe(kind).summary))
    if gone:
        return [j for j in order if j != i]
    if up or down:
        other = i - 1 if up else i + 1
        order = list(order)
        order[i], order[other] = order[other], order[i]
    return order


def _draw_button(name: str, i: int, disabled: bool) -> bool:
    return st.button(name, key=f"features_{name.lower()}_{i}", type="tertiary", disabled=disabled)


def _draw_settings(block: BlockSpec, key: str) -> BlockSpec:
    """Draw the parameters of a block; returns the old block if one of them is not possible."""
    parameters = list_parameters(FEATURES[block.kind])
    values = parameter_form.draw_fields(parameters, block.parameters, key, columns=3)
    if wrong := parameter_form.list_complaints(parameters, values):
        sentence = f"{' '.join(wrong)} Until then the last valid settings are used."
        st.error(widgets.escape_markdown(sentence), icon=":material/error:")
        return block
    changed = [p.label for name, p in parameters.items() if _differs(p, name, block)]
    if changed:
        st.caption(f"Different from the default: {', '.join(changed)}.")
    return BlockSpec(block.kind, values)


def _differs(parameter: Parameter, name: str, block: BlockSpec) -> bool:
    return bool(parameter.check(name, block.parameters[name]) != parameter.default)


def _count_before(spec: FeatureSpec, i: int) -> int:
    """Count the blocks of the same kind before the i-th."""
    return sum(b.kind == spec.blocks[i].kind for b in spec.blocks[:i])
