"""Saying the same in other words, as two people would: ham and spam pass through this alike.

Without it every sentence of a grammar would come back word for word in train and in test.
"""

import re

from sample.dice import Dice

SYNONYMS = [
    line.split("|")
    for line in """
also|too|as well
big|large
quickly|fast|soon
buy|purchase
get|receive
help|assist|support
need|require
want|would like|wish
maybe|perhaps
begin|start
finish|end
very|really|quite
tell|let know
show|display
ask|enquire
answer|reply|response
problem|issue|trouble
important|essential|crucial
easy|simple
quick|short|brief
great|excellent|wonderful|fantastic
good|fine|nice
many|a lot of|lots of|plenty of
several|a few|some|a couple of
everybody|everyone|all of you
before|prior to
because|since
but|yet|though
so|therefore
only|just
money|funds|cash
price|cost|rate
cheap|inexpensive|low-cost
free|complimentary
offer|deal|proposal
customer|client
company|firm|business
details|particulars|information|info
please|kindly|pls
thanks|thank you|many thanks
regards|best wishes|greetings
click|press|tap
below|underneath
immediately|at once|straight away|right away
choose|pick|select
use|make use of
bring|take along
happy|glad|pleased
sure|certain
hope|trust
I'm|I am
don't|do not
can't|cannot|can not
it's|it is
we're|we are
you're|you are
I've|I have
we've|we have
I'll|I will
we'll|we will
won't|will not
isn't|is not
that's|that is
didn't|did not
doesn't|does not
next week|in the coming week
tomorrow|tmrw|tomorrow
until|till
confirm|verify|validate
change|modify|update
problem-free|without trouble
guaranteed|assured|certain
discount|reduction|price cut
amount|sum
limited|restricted
available|on offer|in stock
attached|enclosed
meeting|call|session
""".strip().split("\n")
]
OTHERS = {word: group for group in SYNONYMS for word in group}
WORD = re.compile(
    r"(?<![\w/.@%=<-])("
    + "|".join(sorted((re.escape(word) for word in OTHERS), key=lambda w: (-len(w), w)))
    + r")(?![\w/.@%=-])",
    re.IGNORECASE,
)
LONG_WORD = re.compile(r"(?<![\w/.@%=<-])[a-z]{5,}(?![\w/.@%=:>-])")


def reworded(text: str, dice: Dice, rate: float) -> str:
    """Each word that has synonyms is exchanged with probability `rate`."""

    def other(match: re.Match[str]) -> str:
        word = match[0]
        if not dice.chance(rate):
            return word
        group = OTHERS.get(word) or OTHERS.get(word.lower())
        if not group:
            return word
        new = dice.pick(group)
        return new[0].upper() + new[1:] if word[0].isupper() else new

    return WORD.sub(other, text)


def mistyped(text: str, dice: Dice, rate: float) -> str:
    """Slips of the fingers: two letters exchanged, one lost, one doubled."""

    def slip(match: re.Match[str]) -> str:
        word = match[0]
        if not dice.chance(rate):
            return word
        at = dice.between(1, len(word) - 2)
        return dice.pick(
            (
                word[:at] + word[at + 1] + word[at] + word[at + 2 :],
                word[:at] + word[at + 1 :],
                word[:at] + word[at] + word[at:],
            )
        )

    return LONG_WORD.sub(slip, text)


def untidy(text: str, dice: Dice) -> str:
    """White space and case as they come out of hasty hands and old mail programs."""
    style = dice.pick(("lower", "upper", "indent", "gaps", "trailing", "doubled", "nbsp", "tabs"))
    if style == "lower":
        return text.lower()
    if style == "upper":
        return text.upper() if len(text) < 400 else text
    if style == "indent":
        return "  " + text.replace("\n", "\n  ")
    if style == "gaps":
        return text.replace("\n", "\n\n") + "\n\n\n"
    if style == "trailing":
        return text.replace("\n", "  \n") + "   \n"
    if style == "doubled":
        return text.replace(". ", ".  ").replace(", ", ",  ")
    if style == "nbsp":
        return text.replace(" ", "\u00a0", dice.between(1, 9))
    return "\t" + text.replace("\n\n", "\n\n\t")
