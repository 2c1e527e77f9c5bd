"""Guesses which column of a table is the text, the label, the subject and so on."""

import re
from collections.abc import Callable
from dataclasses import dataclass

import pandas as pd

from pipeline.errors import BadData
from pipeline.intake import dates, labels
from pipeline.intake.table import Table
from pipeline.specs import Spec
from pipeline.wording import shorten

MAX_LABEL_WORDS = 50
"""A label column has at most this many different words."""
SAMPLE = 200
"""At most this many filled cells of each column are examined; 2,000 columns take 0.5 s."""


def _words(text: str) -> list[str]:
    return text.split()


BODY = _words(
    """text body message content contents mail email sms v2 msg comment post transcript payload
    nachricht inhalt texte contenu corps mensaje contenido cuerpo"""
)
LABEL = _words(
    """label labels spam isspam ham isham class classification category target v1 type verdict y
    result prediction status flag klasse kategorie etiquette categorie etiqueta categoria clase"""
)
SUBJECT = _words("subject subjects subj title headline betreff objet sujet asunto titulo")
SENDER = _words(
    """sender from author fromaddress mailfrom emailfrom email absender von expediteur
    remitente de"""
)
DATE = _words(
    """date sent datetime timestamp time received created day datum zeit heure fecha hora"""
)
ID = _words("id messageid mailid emailid msgid commentid uid uuid guid index nr no")
ADDRESS = re.compile(r"^[^@\n]{0,80}@[\w.\-]+>?\s*$")
NUMBER = re.compile(r"^[+-]?[\d.,]+(?:e[+-]?\d+)?$", re.IGNORECASE)


@dataclass(frozen=True)
class Columns(Spec):
    """The names of the columns by their roles; None if the file has no such column."""

    body: str
    label: str | None = None
    subject: str | None = None
    sender: str | None = None
    date: str | None = None
    id: str | None = None

    __hash__ = Spec.__hash__

    @property
    def used(self) -> set[str]:
        """The names that are not None."""
        return {name for name in self.to_dict().values() if name is not None}


@dataclass(frozen=True)
class _Look:
    """A sample of the filled cells of one column."""

    name: str
    cells: list[str]

    @property
    def length(self) -> float:
        return sum(map(len, self.cells)) / max(1, len(self.cells))

    def share(self, pattern: re.Pattern[str]) -> float:
        return sum(bool(pattern.match(c[:200])) for c in self.cells) / max(1, len(self.cells))

    @property
    def is_text(self) -> bool:
        """Whether the cells are words (or nothing) rather than numbers, addresses or dates."""
        return (
            self.share(NUMBER) < 0.5
            and self.share(ADDRESS) < 0.5
            and not (self.length < 40 and self.is_date)
        )

    @property
    def is_date(self) -> bool:
        return (
            bool(self.cells)
            and dates.parse_dates(pd.Series(self.cells, dtype="str")).notna().mean() >= 0.5
        )

    def rank(self, names: list[str]) -> int | None:
        """The earliest position of one of the column's words in `names`; None if there is none."""
        parts = re.sub(r"([a-z])([A-Z])", r"\1 \2", self.name)
        words = [w for w in re.split(r"[\W_]+", parts.lower()) if w]
        ranks = [names.index(w) for w in ["".join(words), *words] if w in names]
        return min(ranks, default=None)


def guess_columns(table: Table, labelled: bool = True) -> Columns:
    """Guess the roles of the columns.

    Names decide first, and contents between candidates: a label has few words, which mean ham or
    spam; the body is the longest text; a date can be parsed; an id is (nearly) unique.

    Args:
        labelled: False to look for no label.

    Raises:
        BadData: if no column contains text or, when labelled, none looks like a label.

    >>> frame = pd.DataFrame({"v1": ["ham", "spam"], "v2": ["See you at noon", "Claim your prize"]})
    >>> columns = guess_columns(Table.of_frame(frame))
    >>> columns.label, columns.body
    ('v1', 'v2')
    """
    if table.messages:
        roles = {role: role for role in ("body", "subject", "sender", "date")}
        return Columns(**roles, label="label" if labelled else None)
    left = [_look(table.sample[name]) for name in table.names]
    chosen: dict[str, str] = {}

    def take(role: str, look: _Look | None) -> None:
        if look is not None:
            chosen[role] = look.name
            left.remove(look)

    if labelled:
        take("label", _label(left, table))
    else:
        left = [x for x in left if not _is_label(x)]
    take("body", _body(left))
    if "body" not in chosen:
        raise BadData(
            "no column contains the text of the mails; expected a column of words, found only "
            f"{_listed(table)}. Add the text or choose the column yourself."
        )
    take("subject", _first(left, SUBJECT, lambda x: x.is_text))
    take("date", _first(left, DATE, lambda x: x.is_date))
    take("id", _id(left, table))
    take("sender", _first(left, SENDER, lambda x: x.share(NUMBER) < 0.5))
    return Columns(**chosen)


def _look(column: pd.Series) -> _Look:
    filled = column[column.str.strip() != ""]
    step = max(1, len(filled) // SAMPLE)
    return _Look(str(column.name), [c.strip() for c in filled.iloc[::step].head(SAMPLE)])


def _first(looks: list[_Look], names: list[str], fits: Callable[[_Look], bool]) -> _Look | None:
    ranked = [(rank, i) for i, x in enumerate(looks) if (rank := x.rank(names)) is not None]
    return next((looks[i] for _, i in sorted(ranked) if fits(looks[i])), None)


def _body(looks: list[_Look]) -> _Look | None:
    """The longest text among columns with such a name, otherwise the longest of several words."""
    texts = [x for x in looks if x.is_text]
    named = [x for x in texts if x.rank(BODY) is not None]
    others = [x for x in texts if sum(" " in c for c in x.cells) >= max(1, 0.2 * len(x.cells))]
    # A subject is text too, and some files have nothing else.
    return max(named or others, key=lambda x: x.length, default=None)


def _known(look: _Look) -> float:
    """The share of the distinct words in the sample that mean ham or spam."""
    words = set(look.cells)
    return sum(len(w) < 40 and labels.interpret_word(w) is not None for w in words) / max(
        1, len(words)
    )


def _is_label(look: _Look) -> bool:
    return look.rank(LABEL) is not None and bool(look.cells) and _known(look) == 1


def _label(looks: list[_Look], table: Table) -> _Look:
    """The column named like a label with known words, or made of the words ham and spam.

    A column of 0 and 1 without a telling name is not taken: it could mean anything.
    """

    def key(look: _Look) -> tuple[bool, bool, bool, int]:
        truths = any(labels.is_truth(w) for w in set(look.cells))
        return _known(look) == 1, _known(look) > 0, not truths, -(look.rank(LABEL) or 0)

    named = [x for x in looks if x.rank(LABEL) is not None and x.cells]
    spoken = [
        x
        for x in looks
        if x.cells and _known(x) == 1 and not any(map(labels.is_truth, set(x.cells)))
    ]
    few = [x for x in named + spoken if _distinct(table, x.name) <= MAX_LABEL_WORDS]
    if few:
        return max(few, key=key)
    if named:
        name = named[0].name
        raise BadData(
            f'the column "{name}" has {_distinct(table, name):,} distinct values, so it does not '
            "look like a label column; expected a few words such as ham and spam (at most "
            f"{MAX_LABEL_WORDS}). Choose the label column yourself."
        )
    raise BadData(
        "no column looks like a label (ham or spam, 0 or 1); found the columns "
        f"{_listed(table)}. Choose the label column yourself or add one."
    )


def _id(looks: list[_Look], table: Table) -> _Look | None:
    """The id by name if at least half of the values differ; a nameless index if all do."""

    def fits(look: _Look) -> bool:
        return _distinct(table, look.name) >= 0.5 * len(table)

    def is_index(look: _Look) -> bool:
        return look.name.startswith("Unnamed: ") and _distinct(table, look.name) == len(table)

    return _first(looks, ID, fits) or next(filter(is_index, looks), None)


def _distinct(table: Table, name: str) -> int:
    words = table.column(name).str.strip()
    return int(words[words != ""].nunique())


def _listed(table: Table) -> str:
    return shorten(", ".join(f'"{shorten(name, 40)}"' for name in table.names[:20]), 300)
