"""Interprets the words of a label column: ham or spam."""

import re

import pandas as pd


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


NO = _words("0 -1 false f no n nein falsch faux falso")
YES = _words("1 true t yes y ja wahr oui vrai sí si verdadero")
TRUTH = NO | YES
"""Words that answer a question; only the name of the column can say which question."""
FOLDERS_OF_HAM = {
    *_words("inbox sent archive archived posteingang gesendet gesendete archiv enviado entrada"),
    *_words("envoyé archivé inviata"),
    *("in arrivo", "bandeja de entrada", "caixa de entrada", "boîte de réception"),
}
"""Names of mail programs' folders for mail that somebody kept or wrote."""
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


def guess_labels(values: pd.Series) -> tuple[dict[str, str], list[str]]:
    """Guess what each distinct word, stripped of outer spaces, means.

    Ignores case, spaces, hyphens, plurals and words such as "email". For 1/0 and the like the name
    of `values` decides: 1 means spam, but ham in a column with a name such as "is_ham".

    Returns:
        "ham" or "spam" by word, and the unknown words, the most frequent first. Empty cells are in
        neither.

    >>> guess_labels(pd.Series(["Junk mail", "inbox", "maybe"], name="folder"))
    ({'Junk mail': 'spam', 'inbox': 'ham'}, ['maybe'])
    """
    inverted = asks_for_ham(values.name)
    mapping: dict[str, str] = {}
    unknown: list[str] = []
    for word in values.dropna().astype("str").str.strip().value_counts().index:
        meaning = interpret_word(word)
        if not word:
            continue
        if meaning is None:
            unknown.append(word)
        elif inverted and _normalise(word) in TRUTH:
            mapping[word] = "ham" if meaning == "spam" else "spam"
        else:
            mapping[word] = meaning
    return mapping, unknown


def interpret_word(word: str) -> str | None:
    """Interpret one word: "ham", "spam" or None.

    >>> interpret_word("Not Spam"), interpret_word("1.0"), interpret_word("maybe")
    ('ham', 'spam', None)
    """
    plain = _normalise(word)
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
    """Whether a word is 1/0, true/false or yes/no in some language."""
    return _normalise(word) in TRUTH


def asks_for_ham(name: object) -> bool:
    """Whether 1 means ham in a column of this name, such as "is_ham" or "not_spam"."""
    words = [w for w in re.split(r"[\W_]+", str(name).lower()) if w != "is"]
    return interpret_word(" ".join(words)) == "ham" and not set(words) & TRUTH


def explain_labels(mapping: dict[str, str]) -> str | None:
    """Say how 1/0, yes/no and the like were read, because they could mean either; else None."""
    truths = {word: label for word, label in sorted(mapping.items()) if is_truth(word)}
    if not truths:
        return None
    pairs = ", ".join(f"{word} = {label}" for word, label in truths.items())
    return f"The labels were read as {pairs}."


def _normalise(word: str) -> str:
    """Normalise: lower case, without fillers, plural s, and the .0 of a number that was a float.

    Drops the numbers of folders too ("spam_2"), but not 0, because "spam 0" may mean ham.
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
