"""What a mail is like, in words: its length, its sender's domain, whether it has a link, …

Each property gives every mail one of a few values. Nothing is fitted, and no label is looked at.
"""

from collections.abc import Callable, Sequence
from itertools import pairwise

import numpy as np
import pandas as pd

from pipeline.errors import BadData
from pipeline.features import links, sender
from pipeline.project import Project
from pipeline.quality.languages import detect_languages

MOST_CHARACTERS = 20_000
"""Of a body, its HTML and its headers; at six letters a word, ten times what `LENGTHS` needs."""
LENGTHS = {
    "up to 10 words": 10,
    "11 to 50 words": 50,
    "51 to 200 words": 200,
    "201 to 1,000 words": 1000,
    "more than 1,000 words": np.inf,
}
MOST_MONTHS = 40
"""Of mails from more months than this, the year is told."""
MOST_VALUES = 50
"""Different values of a column of the file; with more, numbers are binned and words left out."""
NUMBERS = 0.95
"""Share of a column's filled cells that must be numbers for it to be one of numbers."""
LONGEST_VALUE = 80
"""Characters of a cell; what is the same up to here is one value."""
COLUMN = "column: "
"""Begins the name of a property that is a column of the user's file."""

# no repeat beside a repeat of the same signs: `\s*\[?\s*` took 18 s on a subject of spaces
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


def length(frame: pd.DataFrame) -> pd.Series | None:
    """Words of the body, in five bins."""
    words = [len(text.split()) for text in _start(frame, "body")]
    edges = [-np.inf, *LENGTHS.values()]
    return pd.Series(pd.cut(words, edges, labels=list(LENGTHS)), frame.index)


def sender_domain(frame: pd.DataFrame) -> pd.Series | None:
    """The registered domain of the sender's address: example.org of a@mail.example.org."""
    known = {
        text: links.registered_domain(sender.who(text[: sender.MOST_CHARACTERS]).domain)
        or "no domain"
        for text in frame["sender"].dropna().unique()
    }
    return frame["sender"].map(known).astype("str").fillna("no sender")


def month(frame: pd.DataFrame) -> pd.Series | None:
    """When it was sent, as "2005-01"; the year alone if there are many months."""
    form = "%Y-%m"
    if frame["date"].dt.strftime(form).nunique() > MOST_MONTHS:
        form = "%Y"
    found = frame["date"].dt.strftime(form).astype("str").fillna("no date")
    return _ordered(found, sorted(found.unique()))


def has_link(frame: pd.DataFrame) -> pd.Series | None:
    """A web address in the text, or a link in its HTML."""
    return _yes_no(frame, _holds(frame, _LINK, "body", "html"))


def has_html(frame: pd.DataFrame) -> pd.Series | None:
    """An HTML part, or tags in the text."""
    return _yes_no(frame, _holds(frame, _TAG, "body", "html"))


def language(frame: pd.DataFrame) -> pd.Series | None:
    """As `pipeline.quality.languages` tells it."""
    return detect_languages(
        frame.assign(subject=_start(frame, "subject"), body=_start(frame, "body"))
    )


def newsletter(frame: pd.DataFrame) -> pd.Series | None:
    """Headers of a mailing list, or words about unsubscribing."""
    said = _holds(frame, _UNSUBSCRIBE, "body", "html")
    return _yes_no(frame, said | _holds(frame, _LIST_HEADER, "headers"))


def reply_or_forward(frame: pd.DataFrame) -> pd.Series | None:
    """By the first word of the subject, or the header In-Reply-To."""
    reply = _holds(frame, _REPLY_SUBJECT, "subject") | _holds(frame, _REPLY_HEADER, "headers")
    forward = _holds(frame, _FORWARD_SUBJECT, "subject")
    found = np.select([forward, reply], ["forward", "reply"], "neither")
    return pd.Series(found, frame.index)


def attachment(frame: pd.DataFrame) -> pd.Series | None:
    """Only raw messages tell."""
    if "attachments" not in frame:
        return None
    return _yes_no(frame, (_start(frame, "attachments") != "").to_numpy())


PROPERTIES: dict[str, Callable[[pd.DataFrame], pd.Series | None]] = {
    "length": length,
    "sender domain": sender_domain,
    "month": month,
    "link": has_link,
    "HTML": has_html,
    "language or script": language,
    "newsletter-like": newsletter,
    "reply or forward": reply_or_forward,
    "attachment": attachment,
}
"""By its name, a value for each mail of a frame; None where the data cannot tell."""


def of(frame: pd.DataFrame) -> pd.DataFrame:
    """Every property that tells these mails apart, by the mail's id.

    Args:
        frame: mails as in `pipeline.mail.dataset`. Columns that `PROPERTIES` does not need may
            be missing.

    Returns:
        DataFrame: a column of categories for each property, then one for each column of the file
        that has few values or numbers (`COLUMN` and its name). The categories are text, in the
        order in which they are best shown. A property with one value for all is left out.
    """
    found = {name: property_of(frame) for name, property_of in PROPERTIES.items()}
    for name in frame.columns:
        if name.startswith("file:"):
            found[COLUMN + name.removeprefix("file:")] = _column(frame[name])
    columns = {
        name: _categories(values)
        for name, values in found.items()
        if values is not None and values.nunique() > 1
    }
    return pd.DataFrame(columns, index=frame.index).set_axis(pd.Index(frame["id"], name="id"))


def describe_validation(project: Project) -> pd.DataFrame:
    """What each validation mail of a project is like; raises BadData before there is a split."""
    mails, split = project.mails.reader(), project.split
    if split is None:
        raise BadData("there is no split yet; divide the mails first.")
    return of(mails.take(split.validation, needed(mails.columns)))


def needed(columns: Sequence[str]) -> list[str]:
    """Those columns of a dataset that `of` looks at."""
    looked_at = ("id", "subject", "body", "sender", "date", "headers", "html", "attachments")
    return [name for name in columns if name in looked_at or name.startswith("file:")]


def _column(cells: pd.Series) -> pd.Series | None:
    """A column of the file: its values if they are few, else bins of its numbers, else nothing."""
    words = cells.astype("str").fillna("").str.slice(0, LONGEST_VALUE).str.strip()
    words = words.where(words != "", "(empty)")
    if words.nunique() <= MOST_VALUES:
        return words
    numbers = pd.to_numeric(words, errors="coerce").astype("float64")
    numbers = numbers.where(np.isfinite(numbers))
    if numbers.notna().sum() < NUMBERS * (words != "(empty)").sum():
        return None
    return _quarters(numbers, np.where(words == "(empty)", "(empty)", "not a number"))


def _quarters(numbers: pd.Series, others: np.ndarray) -> pd.Series:
    """About a quarter of the numbers in each bin, named by its ends; in place of none, `others`."""
    quartiles = np.nanquantile(numbers, [0.25, 0.5, 0.75], method="nearest")
    ends = {f"{end:,.12g}": end for end in quartiles}
    said = list(ends)
    names = [f"up to {said[0]}"]
    names += [f"above {low}, up to {high}" for low, high in pairwise(said)]
    names.append(f"above {said[-1]}")
    place = np.searchsorted(list(ends.values()), numbers)
    bins = np.array(names, dtype=object)[np.minimum(place, len(ends))]
    found = pd.Series(np.where(numbers.isna(), others, bins), numbers.index)
    return _ordered(found, [*names, "not a number", "(empty)"])


def _start(frame: pd.DataFrame, name: str) -> pd.Series:
    """The beginning of a text column; of a missing one "" for each mail."""
    if name not in frame:
        return pd.Series("", frame.index, dtype="str")
    return frame[name].astype("str").fillna("").str.slice(0, MOST_CHARACTERS)


def _holds(frame: pd.DataFrame, pattern: str, *names: str) -> np.ndarray:
    """For each mail whether the pattern is in one of these columns."""
    found = np.zeros(len(frame), bool)
    for name in names:
        if name in frame:
            found |= _start(frame, name).str.contains(pattern).to_numpy(dtype=bool)
    return found


def _yes_no(frame: pd.DataFrame, found: np.ndarray) -> pd.Series:
    return pd.Series(np.where(found, "yes", "no"), frame.index)


def _ordered(values: pd.Series, order: Sequence[str]) -> pd.Series:
    return values.astype(pd.CategoricalDtype(list(order)))


def _categories(values: pd.Series) -> pd.Series:
    """As categories, those that have their order as they are and others the most frequent first."""
    if isinstance(values.dtype, pd.CategoricalDtype):
        return values.cat.remove_unused_categories()
    return _ordered(values, values.value_counts().index)
