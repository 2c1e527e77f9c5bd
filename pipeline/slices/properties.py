"""Describes mails by properties: length, sender's domain, whether there is a link, …

Each property has a few values and gives one to every mail. Nothing is fitted and no label is read.

>>> frame = pd.DataFrame({
...     "id": ["1", "2"], "subject": ["Re: Lunch", "Win!"], "body": ["See you", "http://a.example"],
...     "sender": ["bob@mail.example.org", None], "date": pd.to_datetime([None] * 2, utc=True),
... })
>>> compute_properties(frame)[["sender domain", "link", "reply or forward"]].to_dict("records")[0]
{'sender domain': 'example.org', 'link': 'no', 'reply or forward': 'reply'}
"""

from collections.abc import Callable, Sequence
from itertools import pairwise

import numpy as np
import pandas as pd

from pipeline.errors import BadData
from pipeline.features.links import extract_registered_domain
from pipeline.features.sender import parse_sender
from pipeline.project import Project
from pipeline.quality.languages import detect_languages

MOST_CHARACTERS = 20_000
"""Only the first characters of a body, its HTML and its headers are read; at six letters a word,
ten times what `LENGTHS` needs."""
LENGTHS = {
    "up to 10 words": 10,
    "11 to 50 words": 50,
    "51 to 200 words": 200,
    "201 to 1,000 words": 1000,
    "more than 1,000 words": np.inf,
}
MOST_MONTHS = 40
"""Mails from more months than this are described by year."""
MOST_VALUES = 50
"""A column of the file with more different values is binned if it has numbers, else left out."""
NUMBERS = 0.95
"""A column counts as numbers if at least 95% of its filled cells are numbers."""
LONGEST_VALUE = 80
"""Cells that agree in this many first characters have the same value."""
COLUMN = "column: "
"""Prefix of the name of a property that is a column of the user's file."""

# No repeat next to a repeat of the same characters: `\s*\[?\s*` took 18 s on a subject of spaces.
_LINK = r"(?i)https?://|www\.[a-z0-9]|<a\s[^>]{0,200}href"
_TAG = r"(?i)<(?:html|body|head|div|span|table|t[dr]|p|br|a|b|i|font|img|center|h[1-6])[\s/>]"
_UNSUBSCRIBE = (
    r"(?i)unsubscrib|opt[ -]?out|abbestell|newsletter abmelden|désabonn|se désinscrire"
    r"|darse de baja|cancelar (?:la |a )?su[bs]scri|disiscriv|uitschrijv|avregistrera"
)
_LIST_HEADER = (
    r"(?im)^(?:list-[a-z]+|mailing-list|x-mailing-list|x-beenthere)\s*:"
    r"|^precedence\s*:\s*(?:bulk|list|junk)"
)
_REPLY_SUBJECT = r"(?i)^\s*(?:re|aw|antw|sv|rif|odp|ynt)\s*(?:\[\d+\]|\(\d+\))?\s*:"
_FORWARD_SUBJECT = r"(?i)^\s*\[?(?:fwd?|wg|tr|rv|vs|doorst)\s*:"
_REPLY_HEADER = r"(?im)^in-reply-to\s*:"


def bin_length(frame: pd.DataFrame) -> pd.Series | None:
    """Bin the number of words of the body."""
    words = [len(text.split()) for text in _start(frame, "body")]
    edges = [-np.inf, *LENGTHS.values()]
    return pd.Series(pd.cut(words, edges, labels=list(LENGTHS)), frame.index)


def extract_sender_domain(frame: pd.DataFrame) -> pd.Series | None:
    """Extract the registered domain of the sender's address, such as example.org."""
    known = {
        text: extract_registered_domain(parse_sender(text).domain) or "no domain"
        for text in frame["sender"].dropna().unique()
    }
    return frame["sender"].map(known).astype("str").fillna("no sender")


def extract_month(frame: pd.DataFrame) -> pd.Series | None:
    """Extract the month, such as "2005-01", or only the year if there are many months."""
    form = "%Y-%m"
    if frame["date"].dt.strftime(form).nunique() > MOST_MONTHS:
        form = "%Y"
    months = frame["date"].dt.strftime(form).astype("str").fillna("no date")
    return _order(months, sorted(months.unique()))


def has_link(frame: pd.DataFrame) -> pd.Series | None:
    """Whether the text contains a web address or the HTML a link."""
    return _yes_no(frame, _contains(frame, _LINK, "body", "html"))


def has_html(frame: pd.DataFrame) -> pd.Series | None:
    """Whether there is an HTML part, or tags in the text."""
    return _yes_no(frame, _contains(frame, _TAG, "body", "html"))


def detect_language(frame: pd.DataFrame) -> pd.Series | None:
    """Detect the language or script (`pipeline.quality.languages`)."""
    return detect_languages(
        frame.assign(subject=_start(frame, "subject"), body=_start(frame, "body"))
    )


def is_newsletter_like(frame: pd.DataFrame) -> pd.Series | None:
    """Whether there are headers of a mailing list, or words about unsubscribing."""
    unsubscribe = _contains(frame, _UNSUBSCRIBE, "body", "html")
    return _yes_no(frame, unsubscribe | _contains(frame, _LIST_HEADER, "headers"))


def classify_reply(frame: pd.DataFrame) -> pd.Series | None:
    """Classify by the first word of the subject and the header In-Reply-To."""
    reply = _contains(frame, _REPLY_SUBJECT, "subject") | _contains(frame, _REPLY_HEADER, "headers")
    forward = _contains(frame, _FORWARD_SUBJECT, "subject")
    kind = np.select([forward, reply], ["forward", "reply"], "neither")
    return pd.Series(kind, frame.index)


def has_attachment(frame: pd.DataFrame) -> pd.Series | None:
    """Whether there are attachments; None unless the mails are raw messages."""
    if "attachments" not in frame:
        return None
    return _yes_no(frame, (_start(frame, "attachments") != "").to_numpy())


PROPERTIES: dict[str, Callable[[pd.DataFrame], pd.Series | None]] = {
    "length": bin_length,
    "sender domain": extract_sender_domain,
    "month": extract_month,
    "link": has_link,
    "HTML": has_html,
    "language or script": detect_language,
    "newsletter-like": is_newsletter_like,
    "reply or forward": classify_reply,
    "attachment": has_attachment,
}
"""By name, a function that gives each mail of a frame a value; None if the data lack it."""


def compute_properties(frame: pd.DataFrame) -> pd.DataFrame:
    """Compute every property in which these mails differ, indexed by mail id.

    Args:
        frame: mails as in `pipeline.mail.dataset`. Columns that `PROPERTIES` does not need may be
            missing.

    Returns:
        A column of categories for each property, then one for each column of the file that has few
        values or numbers (`COLUMN` and its name). The categories are text in a sensible order. A
        property with the same value for all mails is left out.
    """
    properties = {name: compute(frame) for name, compute in PROPERTIES.items()}
    for name in frame.columns:
        if name.startswith("file:"):
            properties[COLUMN + name.removeprefix("file:")] = _bin_column(frame[name])
    columns = {
        name: _categorize(values)
        for name, values in properties.items()
        if values is not None and values.nunique() > 1
    }
    return pd.DataFrame(columns, index=frame.index).set_axis(pd.Index(frame["id"], name="id"))


def describe_validation(project: Project) -> pd.DataFrame:
    """What each validation mail of a project is like; raises BadData before there is a split."""
    mails, split = project.mails.reader(), project.split
    if split is None:
        raise BadData("there is no split yet; divide the mails first.")
    return compute_properties(mails.take(split.validation, select_columns(mails.columns)))


def select_columns(columns: Sequence[str]) -> list[str]:
    """Select the columns of a dataset that `compute_properties` reads."""
    known = ("id", "subject", "body", "sender", "date", "headers", "html", "attachments")
    return [name for name in columns if name in known or name.startswith("file:")]


def _bin_column(cells: pd.Series) -> pd.Series | None:
    """The values of a column of the file if they are few, or bins of its numbers, or None."""
    words = cells.astype("str").fillna("").str.slice(0, LONGEST_VALUE).str.strip()
    words = words.where(words != "", "(empty)")
    if words.nunique() <= MOST_VALUES:
        return words
    numbers = pd.to_numeric(words, errors="coerce").astype("float64")
    numbers = numbers.where(np.isfinite(numbers))
    if numbers.notna().sum() < NUMBERS * (words != "(empty)").sum():
        return None
    return _bin_quarters(numbers, np.where(words == "(empty)", "(empty)", "not a number"))


def _bin_quarters(numbers: pd.Series, others: np.ndarray) -> pd.Series:
    """Bin numbers so that each bin has about a quarter of them; `others` replaces missing ones."""
    quartiles = np.nanquantile(numbers, [0.25, 0.5, 0.75], method="nearest")
    ends = {f"{end:,.12g}": end for end in quartiles}
    labels = list(ends)
    names = [f"up to {labels[0]}"]
    names += [f"above {low}, up to {high}" for low, high in pairwise(labels)]
    names.append(f"above {labels[-1]}")
    place = np.searchsorted(list(ends.values()), numbers)
    bins = np.array(names, dtype=object)[np.minimum(place, len(ends))]
    values = pd.Series(np.where(numbers.isna(), others, bins), numbers.index)
    return _order(values, [*names, "not a number", "(empty)"])


def _start(frame: pd.DataFrame, name: str) -> pd.Series:
    """The beginning of a text column; "" for each mail if the column is missing."""
    if name not in frame:
        return pd.Series("", frame.index, dtype="str")
    return frame[name].astype("str").fillna("").str.slice(0, MOST_CHARACTERS)


def _contains(frame: pd.DataFrame, pattern: str, *names: str) -> np.ndarray:
    """Whether one of these columns contains the pattern, bool [mails]."""
    matches = np.zeros(len(frame), bool)
    for name in names:
        if name in frame:
            matches |= _start(frame, name).str.contains(pattern).to_numpy(dtype=bool)
    return matches


def _yes_no(frame: pd.DataFrame, holds: np.ndarray) -> pd.Series:
    return pd.Series(np.where(holds, "yes", "no"), frame.index)


def _order(values: pd.Series, order: Sequence[str]) -> pd.Series:
    return values.astype(pd.CategoricalDtype(list(order)))


def _categorize(values: pd.Series) -> pd.Series:
    """Convert to categories, in their own order if they have one, else the most frequent first."""
    if isinstance(values.dtype, pd.CategoricalDtype):
        return values.cat.remove_unused_categories()
    return _order(values, values.value_counts().index)
