"""Which word of the label column means ham and which spam."""

import re

import pandas as pd


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


NO = _words("0 -1 false f no n nein falsch faux falso")
YES = _words("1 true t yes y ja wahr oui vrai sí si verdadero")
TRUTH = NO | YES
"""Words that answer a question; what the question was, only the column's name can say."""
FOLDERS_OF_HAM = {
    *_words("inbox sent archive archived posteingang gesendet gesendete archiv enviado entrada"),
    *_words("envoyé archivé inviata"),
    *("in arrivo", "bandeja de entrada", "caixa de entrada", "boîte de réception"),
}
"""What mail programs call the folders of mail that somebody kept or wrote."""
HAM = (
    NO
    | FOLDERS_OF_HAM
    | _words(
        """ham legit legitimate normal good safe clean benign genuine real wanted regular
        erwünscht seriös légitime désirable legítimo deseado"""
    )
)
SPAM = YES | _words(
    """spam junk bad phishing phish scam fraud fraudulent unsolicited unwanted malicious smishing
    unerwünscht betrug werbung pourriel indésirable frauduleux basura fraude bulk spamverdacht
    indesiderata lixo"""
)
FILLERS = _words(
    """email emails mail mails message messages msg sms text texts e correo correos posta courrier
    item items elemente objekte folder ordner easy hard"""
)
NUMBER = re.compile(r"0*[1-9][0-9]*")
NEGATIONS = _words("not non no kein keine pas")


def guess(values: pd.Series) -> tuple[dict[str, str], list[str]]:
    """Map each distinct word, stripped but otherwise as it stands, to "ham" or "spam".

    Case, spaces, hyphens, plurals and words such as "email" do not count. For 1/0 and their like
    the name of `values` decides: 1 means spam, but in a column named like "is_ham" it means ham.

    Returns:
        The mapping, and the words that are in no list, most frequent first; empty cells are
        neither.
    """
    inverted = asks_for_ham(values.name)
    mapping: dict[str, str] = {}
    unknown: list[str] = []
    for word in values.dropna().astype("str").str.strip().value_counts().index:
        meaning = mean(word)
        if not word:
            continue
        if meaning is None:
            unknown.append(word)
        elif inverted and _plain(word) in TRUTH:
            mapping[word] = "ham" if meaning == "spam" else "spam"
        else:
            mapping[word] = meaning
    return mapping, unknown


def mean(word: str) -> str | None:
    """What one word means, or None: "Not Spam" → "ham", "1.0" → "spam", "maybe" → None."""
    plain = _plain(word)
    first, _, rest = plain.partition(" ")
    if plain in HAM:
        return "ham"
    if plain in SPAM:
        return "spam"
    if not rest and first.startswith(("non", "not")) and first[3:] in SPAM - TRUTH:
        rest = first[3:]
    elif first not in NEGATIONS:
        return None
    if rest in SPAM - TRUTH:
        return "ham"
    return "spam" if rest in HAM - TRUTH else None


def is_truth(word: str) -> bool:
    """Whether the word is a 1/0, true/false or yes/no in some language."""
    return _plain(word) in TRUTH


def asks_for_ham(name: object) -> bool:
    """Whether a column of this name says 1 for ham ("ham", "is_ham", "not_spam", "legitimate")."""
    words = [w for w in re.split(r"[\W_]+", str(name).lower()) if w != "is"]
    return mean(" ".join(words)) == "ham" and not set(words) & TRUTH


def explain(mapping: dict[str, str]) -> str | None:
    """A sentence when 1/0, yes/no or the like are used, since those could mean either."""
    truths = {word: label for word, label in sorted(mapping.items()) if is_truth(word)}
    if not truths:
        return None
    pairs = ", ".join(f"{word} = {label}" for word, label in truths.items())
    return f"The labels were read as {pairs}."


def _plain(word: str) -> str:
    """Lower case, without fillers, plural s, and the .0 of a number that went through a float.

    Nor do the numbers of several folders count ("spam_2"); 0 does, since "spam 0" may mean ham.
    """
    text = re.sub(r"^([+-]?\d+)\.0+$", r"\1", word.strip().casefold()).removeprefix("+")
    if text == "-1":
        return text
    words = [w for w in re.split(r"[\W_]+", text) if w]
    words = [w for w in words if w not in FILLERS] or words
    if not all(w.isdigit() for w in words):
        words = [w for w in words if not NUMBER.fullmatch(w)]
    known = HAM | SPAM
    return " ".join(w[:-1] if w.endswith("s") and w[:-1] in known - TRUTH else w for w in words)
