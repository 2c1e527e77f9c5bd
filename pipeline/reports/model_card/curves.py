"""The loss curves of a run, drawn as a small inline SVG and listed as a table of some points."""

import numpy as np
import pandas as pd

from pipeline.reports.model_card.card import Picture, Table

ROWS = 12
"""Rows of the table beside the picture, at most."""
WIDTH, HEIGHT = 640, 260
LEFT, RIGHT, TOP, BOTTOM = 64, 96, 16, 48
NAMES = ("train", "validation")


def draw_loss_curves(curves: pd.DataFrame, word: str, best: int | None) -> Picture | None:
    """Draw train and validation loss by epoch; None with fewer than two points.

    Args:
        curves: epoch, train/loss and validation/loss (nats a mail), as `store.read_curves` gives.
        word: what a point is called, such as "epoch".
        best: the epoch whose weights are the model.
    """
    columns = [f"{name}/loss" for name in NAMES]
    if not {"epoch", *columns} <= set(curves.columns):
        return None
    points = curves[["epoch", *columns]].dropna()
    points = points[np.isfinite(points[columns]).all(axis=1)]
    if len(points) < 2:
        return None
    return Picture(_svg(points, word, best), _table(points, word, best))


def _table(points: pd.DataFrame, word: str, best: int | None) -> Table:
    steps = np.linspace(0, len(points) - 1, min(ROWS, len(points))).round().astype(int)
    epochs = {*points["epoch"].iloc[steps], *([best] if best is not None else [])}
    rows = points[points["epoch"].isin(epochs)].itertuples(index=False)
    selection = "" if len(points) <= ROWS else f", {len(epochs)} of {len(points)} of them"
    return Table(
        (word, "train loss", "validation loss"),
        tuple(
            (f"{int(epoch)}{' (kept)' if epoch == best else ''}", f"{train:.4f}", f"{valid:.4f}")
            for epoch, train, valid in rows
        ),
        f"Loss in nats a mail by {word}{selection}, before calibration.",
    )


def _svg(points: pd.DataFrame, word: str, best: int | None) -> str:
    epochs = points["epoch"].to_numpy(float)
    top = float(points[["train/loss", "validation/loss"]].to_numpy().max()) or 1.0
    wide = (epochs[-1] - epochs[0]) or 1.0

    def x(epoch: float) -> float:
        return float(LEFT + (epoch - epochs[0]) / wide * (WIDTH - LEFT - RIGHT))

    def y(loss: float) -> float:
        return HEIGHT - BOTTOM - loss / top * (HEIGHT - TOP - BOTTOM)

    floor, right = HEIGHT - BOTTOM, WIDTH - RIGHT
    parts = [
        f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="Loss by {word}">',
        f'<path class="axis" d="M{LEFT} {TOP}V{floor}H{right}"/>',
    ]
    for share in (0.0, 0.5, 1.0):
        at = y(share * top)
        parts.append(f'<text x="{LEFT - 8}" y="{at + 4:.1f}" text-anchor="end">{share * top:.3g}')
        parts.append("</text>")
    for epoch in dict.fromkeys((epochs[0], epochs[-1])):
        parts.append(f'<text x="{x(epoch):.1f}" y="{floor + 18}" text-anchor="middle">')
        parts.append(f"{epoch:.0f}</text>")
    parts.append(
        f'<text x="{(LEFT + right) / 2:.0f}" y="{HEIGHT - 8}" text-anchor="middle">{word}</text>'
        f'<text transform="translate(14 {(TOP + floor) / 2:.0f}) rotate(-90)" '
        'text-anchor="middle">loss, nats a mail</text>'
    )
    if best is not None and epochs[0] <= best <= epochs[-1]:
        kept = f"{x(best):.1f}"
        parts.append(f'<path class="best" d="M{kept} {TOP}V{floor}"/>')
        parts.append(f'<text x="{kept}" y="{TOP - 4}" text-anchor="middle">kept</text>')
    ends = [y(float(points[f"{name}/loss"].iloc[-1])) for name in NAMES]
    if abs(ends[0] - ends[1]) < 14:  # the names of two curves that end together stand apart
        lower = int(ends[1] >= ends[0])
        middle = min(max(sum(ends) / 2, TOP + 7), floor - 7)
        ends[lower], ends[1 - lower] = middle + 7, middle - 7
    for name, end in zip(NAMES, ends, strict=True):
        loss = points[f"{name}/loss"].to_numpy(float)
        line = " ".join(f"{x(e):.1f},{y(v):.1f}" for e, v in zip(epochs, loss, strict=True))
        parts.append(f'<polyline class="{name}" points="{line}"/>')
        parts.append(f'<text class="of-{name}" x="{right + 8}" y="{end + 4:.1f}">{name}</text>')
    return "".join([*parts, "</svg>"])
