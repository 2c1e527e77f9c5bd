"""A score on a bar from ham to spam, with the threshold marked; it holds no text of a mail.

The bar is linear in log-odds, so that a step from 0.99 to 0.999 is as long as one from 0.9 to 0.99:
most scores lie near the ends.
"""

from math import log

from dashboard.app_pages.errors.shaded_text import HAM, SPAM
from pipeline.evaluation.operating_point import OperatingPoint

END = log(0.9999 / 0.0001)
"""Log-odds at the right end; a score further out is drawn at the end."""
TICKS = (0.001, 0.01, 0.1, 0.5, 0.9, 0.99, 0.999)

UNSURE = "140,140,140"
COLORS = {"ham": HAM, "unsure": UNSURE, "spam": SPAM}

STYLE = (
    "<style>.score-bar{position:relative;height:4.25rem;margin:0 1rem;font-size:0.75rem}"
    ".score-bar>*{position:absolute;transform:translateX(-50%);white-space:nowrap}"
    ".score-bar .track{left:0;right:0;top:1.5rem;height:0.75rem;transform:none;border-radius:4px;"
    f"background:linear-gradient(90deg,rgba({HAM},0.6),rgba({HAM},0.12) 50%,"
    f"rgba({SPAM},0.12) 50%,rgba({SPAM},0.6))}}"
    ".score-bar .band{top:1.5rem;height:0.75rem;transform:none;"
    f"background:rgba({UNSURE},0.5)}}"
    ".score-bar .tick{top:2.6rem;opacity:0.75}"
    ".score-bar .threshold{top:1.1rem;height:1.5rem;border-left:2px dashed currentcolor}"
    ".score-bar .word{top:0}"
    ".score-bar .was{top:1.5rem;width:0.75rem;height:0.75rem;border-radius:50%;"
    "box-sizing:border-box;border:2px solid currentcolor;opacity:0.55}"
    ".score-bar .now{top:1.25rem;width:1.25rem;height:1.25rem;border-radius:50%;"
    "box-sizing:border-box;border:3px solid currentcolor;transition:left 0.15s}"
    "</style>"
)


def render_bar(score: float, before: float, point: OperatingPoint) -> str:
    """Render the bar as HTML.

    Args:
        score: P(spam) of the edited text.
        before: P(spam) of the mail as it is, drawn as a small ring when it differs.
        point: the scores from which mails are called spam and unsure.
    """
    color = COLORS[str(point.call(score))]
    label = f"P(spam) {score:.3f}, before {before:.3f}, threshold {point.threshold:.3f}"
    at, band = compute_position(point.threshold), ""
    if point.has_band:
        start = compute_position(point.ham_below)
        label += f", unsure from {point.unsure_from:.3f}"
        band = f'<span class="band" style="left:{start:.2f}%;width:{at - start:.2f}%"></span>'
    # the word stays inside the bar
    shift = min(max(at, 10.0), 90.0)
    ticks = "".join(
        f'<span class="tick" style="left:{compute_position(t):.2f}%">{t}</span>' for t in TICKS
    )
    was = f'<span class="was" style="left:{compute_position(before):.2f}%"></span>'
    return (
        f'{STYLE}<div class="score-bar" role="img" aria-label="{label}"><span class="track"></span>'
        f'{band}{ticks}<span class="threshold" style="left:{at:.2f}%"></span>'
        f'<span class="word" style="left:{shift:.2f}%">threshold {point.threshold:.3f}</span>'
        f"{was if before != score else ''}"
        f'<span class="now" style="left:{compute_position(score):.2f}%;background:rgb({color})">'
        "</span></div>"
    )


def compute_position(probability: float) -> float:
    """The position of a probability on the bar, in percent from its left end."""
    if not 0 < probability < 1:
        return 100.0 * (probability >= 1)
    odds = log(probability / (1 - probability))
    return 50 + 50 * min(max(odds / END, -1.0), 1.0)
