"""In which language or script the mails are, roughly, and mails whose letters were broken.

Scripts come from the code points. Among mails in Latin letters, a language is told by its
commonest small words: at least `HITS` different ones, and more than of any other language. A mail
that shows fewer stays "not told", as "ok lol" should; a language library names a language for
every text, and for a short one it is often Maltese.
"""

import re

import pandas as pd

from pipeline.quality import telling
from pipeline.quality.finding import Finding, Level
from pipeline.wording import counted

CHARACTERS = 1000
"""Of subject and body each, at most so many are looked at."""
HITS = 3
SHARE = 0.02
"""Of either class, from which a language is worth a line."""
TELLS_MUCH = 0.25
"""Part of the uncertainty about the label removed, from which it is a warning."""
NOT_TOLD = "not told"

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
"""UTF-8 read as Latin-1 or the reverse, and the sign that stands for an unreadable byte."""
LEAST_BROKEN = 3
"""Such places in a mail; one may be a trade mark sign of an old program."""
FEW_BROKEN = 0.002
"""Share of the mails up to which nobody needs to know."""


def languages(frame: pd.DataFrame) -> pd.Series:
    """A language, a script or "not told" for each mail."""
    texts = frame["subject"].str[:CHARACTERS] + "\n" + frame["body"].str[:CHARACTERS]
    return pd.Series([language(text) for text in texts], index=frame.index)


def language(text: str) -> str:
    """The language of a text in Latin letters, the script of another, or "not told"."""
    if not text.isascii():
        letters = len(_LETTERS.findall(text)) and sum(map(str.isalpha, text))
        found = {name: len(pattern.findall(text)) for name, pattern in _OF_SCRIPT.items()}
        script = max(found, key=lambda name: found[name])
        if found[script] > letters / 2:
            # Japanese is written with Chinese characters too
            return "Japanese" if script == "Chinese" and found["Japanese"] else script
    words = set(_LETTERS.findall(text.lower()))
    hits = sorted(((len(words & small), name) for name, small in _LANGUAGES.items()), reverse=True)
    (most, name), (second, _) = hits[:2]
    return name if most >= HITS and most > second else NOT_TOLD


def by_class(found: pd.Series, label: pd.Series) -> pd.DataFrame:
    """Columns language, ham, spam (mails), the most frequent first."""
    table = pd.crosstab(found, label).reindex(columns=["ham", "spam"], fill_value=0)
    order = table.sum(axis=1).sort_values(ascending=False, kind="stable").index
    table = table.loc[order].rename_axis(index="language", columns=None)
    return table.reset_index()


def on_languages(table: pd.DataFrame) -> list[Finding]:
    """Whether ham and spam are in different languages.

    Args:
        table: what `by_class` gives.
    """
    counts = table[["ham", "spam"]]
    told = table["language"] != NOT_TOLD
    if not counts[told].sum().all():
        return []
    shares = counts / counts.sum()
    named = told & (shares.max(axis=1) >= SHARE)
    if named.sum() < 2:
        return []
    found = telling.of_counts(counts[told].sum(axis=1).to_numpy(), counts["spam"][told].to_numpy())
    lines = [
        f"{row.language} {ham:.0%} of ham and {of_spam:.0%} of spam"
        for row, ham, of_spam in zip(
            table[named].itertuples(), shares["ham"][named], shares["spam"][named], strict=True
        )
    ][:4]
    more = int(named.sum()) - len(lines)
    also = f" and {more} more" if more else ""
    level: Level = "info"
    advice = "Judge a model on each language, not on all together."
    if found.told >= TELLS_MUCH:
        level = "warning"
        advice = (
            "The language alone "
            f"puts {found.right:.0%} of them into the right class ({found.guess:.0%} without it), "
            "so a model may learn the language. Add mails of the missing kind, or keep to one "
            "language."
        )
    return [
        Finding("language", level, f"Languages: {'; '.join(lines)}{also}. {advice}", table=table)
    ]


def on_broken(frame: pd.DataFrame) -> list[Finding]:
    """Mails with letters of a wrong character set ("Ã¼" for "ü")."""
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
            f"{counted(len(broken), 'mail')} ({share:.1%}) with broken letters (such as “Ã¼” for "
            "“ü”): read with a wrong character set, here or before. Their words are lost to a "
            "model, and the breakage itself may tell the class.",
            tuple(broken),
        )
    ]
