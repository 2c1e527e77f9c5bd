"""The confusion matrix of a run; a click on a cell opens its mails."""

from collections.abc import Mapping

import pandas as pd
import streamlit as st

from dashboard import state
from dashboard.components import pages, widgets
from pipeline.evaluation.operating_point import CALLS, OperatingPoint
from pipeline.runs.store import Run

Cell = tuple[str, str]
"""The label of a mail, and what the run called it: "ham", "unsure" or "spam"."""

KINDS: dict[str, frozenset[Cell]] = {
    "All errors": frozenset({("ham", "spam"), ("spam", "ham")}),
    "False positives": frozenset({("ham", "spam")}),
    "False negatives": frozenset({("spam", "ham")}),
    "Unsure ham": frozenset({("ham", "unsure")}),
    "Unsure spam": frozenset({("spam", "unsure")}),
    "Correct ham": frozenset({("ham", "ham")}),
    "Correct spam": frozenset({("spam", "spam")}),
    "All mails": frozenset((label, called) for label in ("ham", "spam")
                           for called in CALLS),
}  # fmt: skip
"""The kinds of mails that the Errors page can list, each with its cells of the matrix."""

RIGHT, WRONG, UNSURE = "0,158,115", "213,94,0", "140,140,140"
"""Red, green and blue of the cells."""


def list_kinds(has_band: bool) -> list[str]:
    """List the keys of `KINDS` to choose from, with or without a band of unsure mails."""
    return [kind for kind in KINDS if has_band or not kind.startswith("Unsure")]


def match_kind(labels: pd.Series, scores: pd.Series, kind: str, point: OperatingPoint) -> pd.Series:
    """Whether each mail is of a kind, by its label ("ham", "spam") and its score."""
    calls = pd.Series(point.call(scores.to_numpy()), index=scores.index)
    matches = pd.Series(False, index=scores.index)
    for label, call in KINDS[kind]:
        matches |= (labels == label) & (calls == call)
    return matches


def draw_confusion_matrix(
    run: Run, figures: Mapping[str, float], key: str, has_band: bool = False
) -> None:
    """Draw the matrix of a run: rows are labels, columns what the run called the mails.

    A cell is a button that opens the Errors page with just its mails.

    Args:
        figures: the counts of `evaluation.Figures`.
        has_band: whether there is a column for unsure mails.
    """
    counts = {
        "ham": {
            "ham": int(figures["true_negatives"]),
            "unsure": int(figures["unsure_ham"]),
            "spam": int(figures["false_positives"]),
        },
        "spam": {
            "ham": int(figures["false_negatives"]),
            "unsure": int(figures["unsure_spam"]),
            "spam": int(figures["true_positives"]),
        },
    }
    columns = [call for call in CALLS if has_band or call != "unsure"]
    widths = [1.1, *([3] * len(columns))]
    st.html(_build_style(key, counts, columns))
    with st.container(key=key, gap="xsmall"):
        for place, column in zip(st.columns(widths, gap="xsmall")[1:], columns, strict=True):
            place.caption(
                column if column == "unsure" else f"called {column}", text_alignment="center"
            )
        for label, row in counts.items():
            total = sum(row.values())
            places = st.columns(widths, gap="xsmall", vertical_alignment="center")
            places[0].markdown(f"**{label}**  \n:small[{total:,}]")
            for place, column in zip(places[1:], columns, strict=True):
                count, share = row[column], row[column] / max(1, total)
                call = "unsure" if column == "unsure" else f"called {column}"
                percent = widgets.format_percent(share)
                if place.button(
                    f"**{count:,}**  \n:small[{percent} of the {label} {call}]",
                    key=f"{key}_{label}_{column}",
                    width="stretch",
                    wrap=True,
                    help=f"Read {_point_at(count)}" if count else "No mails here",
                    disabled=not count,
                ):
                    state.choose_run(run.id)
                    state.choose_errors_kind(_find_kind((label, column)))
                    state.leave_group()
                    state.leave_slice()  # so that the list has all mails of the cell
                    pages.switch_to("errors")


def _find_kind(cell: Cell) -> str:
    return next(kind for kind, cells in KINDS.items() if cells == {cell})


def _point_at(count: int) -> str:
    return "this mail" if count == 1 else f"these {count:,} mails"


def _build_style(key: str, counts: Mapping[str, Mapping[str, int]], columns: list[str]) -> str:
    """Build CSS that shades cells by their share of the row and keeps rows whole on a phone."""
    rules = [
        f".st-key-{key} [data-testid=stHorizontalBlock]{{flex-wrap:nowrap}}",
        f".st-key-{key} [data-testid=stColumn]{{min-width:0}}",
        f".st-key-{key} button{{min-height:4.6rem}}",
        f".st-key-{key} button p{{line-height:1.3}}",
        f".st-key-{key} button strong{{font-size:1.4rem}}",
    ]
    for label, row in counts.items():
        for column in columns:
            shade = UNSURE if column == "unsure" else RIGHT if label == column else WRONG
            strength = 0.06 + 0.3 * (row[column] / max(1, sum(row.values()))) ** 0.5
            rules.append(
                f".st-key-{key}_{label}_{column} button{{background:rgba({shade},{strength:.2f})}}"
            )
    return f"<style>{''.join(rules)}</style>"
