"""Detects the language or script of each mail, roughly, and finds mails with garbled letters.

A script is recognised by its code points. Among mails in Latin letters, a language is recognised by
its most common short words: at least `HITS` different ones, and more than of any other language. A
mail with fewer stays "unknown", as "ok lol" should: language libraries name a language for every
text, and for a short one it is often Maltese.
"""

import re

import pandas as pd

from pipeline.quality import association
from pipeline.quality.finding import Finding, Level
from pipeline.wording import format_count

CHARACTERS = 1000
"""Only the first 1,000 characters of the subject and of the body are examined."""
HITS = 3
"""A language is recognised from this many of its common words on."""
SHARE = 0.02
"""A language is named in the finding if it makes up at least 2% of ham or of spam."""
STRONG = 0.25
"""The finding is a warning if the language removes 25% of the uncertainty about the label."""
UNKNOWN = "unknown"

SCRIPTS = {
    "Cyrillic": "\u0400-\u052f",
    "Greek": "\u0370-\u03ff",
    "Hebrew": "\u0590-\u05ff",
    "Arabic": "\u0600-\u06ff",
    "Devanagari": "\u0900-\u097f",
    "Thai": "\u0e00-\u0e7f",
    "Korean": "\u1100-\u11ff\uac00-\ud7af",
    "Japanese": "\u3040-\u30ff",
    "Chinese": "\u3400-\u9fff",
}
_OF_SCRIPT = {name: re.compile(f"[{ranges}]") for name, ranges in SCRIPTS.items()}

# fmt: off
_WORDS = {
    "English": "the of and to is you that for with this have are your not be on it in my we can",
    "German": "der die das und ist nicht ich sie mit ein eine auf für den von zu",
    "French": "le les des et est une vous pour dans que pas nous sur avec votre je",
    "Spanish": "el los las y es una que por para con su del no se como más",
    "Italian": "il di che è una per non sono con del della gli le si anche mi",
    "Portuguese": "o os que não uma para com em do da é se você mais por seu",
    "Dutch": "het een en van ik niet je dat met voor op zijn te wij uw aan",
    "Swedish": "och att det som en är på för av inte jag med den har till du",
    "Polish": "nie się na jest że jak dla przez są tylko oraz lub który może był czy",
    "Turkish": "bir ve bu için ile çok da ne de ben daha gibi olarak değil var en",
}
# fmt: on
_LANGUAGES = {name: frozenset(words.split()) for name, words in _WORDS.items()}
_LETTERS = re.compile(r"[^\W\d_]+")

BROKEN = re.compile("\ufffd|Ã[\u0080-\u00bf]|â€[\u0080-\u203a]?|[\u0080-\u009f]")
"""UTF-8 read as Latin-1 or the reverse, and the character that replaces an unreadable byte."""
LEAST_BROKEN = 3
"""A mail counts as garbled from 3 such places on; a single one may be an old program's trade mark
sign."""
FEW_BROKEN = 0.002
"""Up to 0.2% garbled mails are not reported."""


def detect_languages(frame: pd.DataFrame) -> pd.Series:
    """Detect the language or script of each mail; see `detect_language`."""
    texts = frame["subject"].str[:CHARACTERS] + "\n" + frame["body"].str[:CHARACTERS]
    return pd.Series([detect_language(text) for text in texts], index=frame.index)


def detect_language(text: str) -> str:
    """Detect the language of a text in Latin letters, or the script of another text.

    >>> detect_language("We will send you the report on Monday"), detect_language("ok lol")
    ('English', 'unknown')
    >>> detect_language("Добрый день")
    'Cyrillic'
    """
    if not text.isascii():
        letters = len(_LETTERS.findall(text)) and sum(map(str.isalpha, text))
        counts = {name: len(pattern.findall(text)) for name, pattern in _OF_SCRIPT.items()}
        script = max(counts, key=lambda name: counts[name])
        if counts[script] > letters / 2:
            # Japanese uses Chinese characters too.
            return "Japanese" if script == "Chinese" and counts["Japanese"] else script
    words = set(_LETTERS.findall(text.lower()))
    hits = sorted(((len(words & small), name) for name, small in _LANGUAGES.items()), reverse=True)
    (most, name), (second, _) = hits[:2]
    return name if most >= HITS and most > second else UNKNOWN


def count_by_class(language: pd.Series, label: pd.Series) -> pd.DataFrame:
    """Count the mails: columns language, ham, spam, the most frequent language first."""
    table = pd.crosstab(language, label).reindex(columns=["ham", "spam"], fill_value=0)
    order = table.sum(axis=1).sort_values(ascending=False, kind="stable").index
    table = table.loc[order].rename_axis(index="language", columns=None)
    return table.reset_index()


def check_languages(table: pd.DataFrame) -> list[Finding]:
    """Check whether ham and spam are in different languages.

    Args:
        table: from `count_by_class`.
    """
    counts = table[["ham", "spam"]]
    known = table["language"] != UNKNOWN
    if not counts[known].sum().all():
        return []
    shares = counts / counts.sum()
    named = known & (shares.max(axis=1) >= SHARE)
    if named.sum() < 2:
        return []
    measured = association.measure_counts(
        counts[known].sum(axis=1).to_numpy(), counts["spam"][known].to_numpy()
    )
    lines = [
        f"{row.language} {ham:.0%} of ham and {of_spam:.0%} of spam"
        for row, ham, of_spam in zip(
            table[named].itertuples(), shares["ham"][named], shares["spam"][named], strict=True
        )
    ][:4]
    more = int(named.sum()) - len(lines)
    also = f" and {more} more" if more else ""
    level: Level = "info"
    advice = "Judge a model on each language separately, not only on all together."
    if measured.information >= STRONG:
        level = "warning"
        advice = (
            "The language alone "
            f"puts {measured.accuracy:.0%} of them into the right class "
            f"({measured.base_rate:.0%} without it), so a model may learn the language. Add mails "
            "of the missing kind, or keep to one language."
        )
    return [
        Finding("language", level, f"Languages: {'; '.join(lines)}{also}. {advice}", table=table)
    ]


def check_broken_letters(frame: pd.DataFrame) -> list[Finding]:
    """Check for mails whose letters are garbled by a wrong character set ("Ã¼" for "ü")."""
    texts = frame["subject"] + "\n" + frame["body"].str[: 20 * CHARACTERS]
    unusual = texts[~texts.map(str.isascii)]
    broken = frame["id"][unusual.index[unusual.str.count(BROKEN) >= LEAST_BROKEN]]
    share = len(broken) / len(frame)
    if share <= FEW_BROKEN:
        return []
    return [
        Finding(
            "broken_letters",
            "warning" if share > 0.05 else "info",
            f"{format_count(len(broken), 'mail')} ({share:.1%}) "
            f"{'contains' if len(broken) == 1 else 'contain'} garbled letters (such as “Ã¼” for "
            "“ü”), because a program read them with the wrong character set. A model cannot "
            "recognise their words, and the garbling itself may reveal the class.",
            tuple(broken),
        )
    ]
