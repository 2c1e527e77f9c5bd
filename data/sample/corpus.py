"""From kinds to the finished rows: mails, campaigns, copies, gaps and wrong labels."""

import re
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sample.dice import Dice
from sample.disguise import TRICKS
from sample.grammar import Library, Writer
from sample.kinds import KINDS
from sample.layout import html, plain
from sample.timeline import arrival, campaign_arrivals, month_of
from sample.wording import mistyped, reworded, untidy

COPIES = 36
WRONG_PERCENT = 1
# Where people who label by hand hesitate: every second wrong label is drawn from here.
CONFUSING = {"newsletter", "notice", "inquiry", "odd_topic", "forwarded", "phishing", "proposal"}
CONFUSING |= {"advert", "seo", "fake_invoice", "short_note", "short_spam"}
SUBTLE = ("zero_width", "homoglyphs", "hash_buster")
FORMAL = {"phishing", "crypto", "fake_invoice", "foreign_spam", "advance_fee"}


@dataclass(frozen=True)
class Mail:
    """One row; `kind` and `campaign` are known only to the truth file."""

    date: datetime
    sender: str
    subject: str
    body: str
    label: str
    kind: str
    campaign: str
    given_label: str


def make_corpus(library: Library, seed: int) -> list[Mail]:
    """All mails in order of arrival; the same seed gives the same list."""
    mails = []
    for name, kind in KINDS.items():
        for number in range(kind.alone):
            dice = Dice(seed, name, number)
            mails.append(_mail(library, name, arrival(kind, dice), dice))
        for number, size in enumerate(kind.campaigns, start=1):
            campaign = f"{name}-{number:02}"
            dates = campaign_arrivals(kind, size, Dice(seed, campaign))
            for member, date in enumerate(dates):
                dice = Dice(seed, campaign, member)
                mails.append(_mail(library, name, date, dice, f"{seed}/{campaign}"))
    mails = _with_copies(mails, Dice(seed, "copies"))
    mails.sort(key=lambda mail: (mail.date, mail.sender, mail.subject, mail.body))
    return _with_wrong_labels(mails, Dice(seed, "wrong labels"))


def _mail(library: Library, name: str, date: datetime, dice: Dice, campaign: str = "") -> Mail:
    """One mail. What belongs to a campaign shares its plan: layout, tricks, choice of sentences."""
    kind = KINDS[name]
    plan = Dice(campaign, "plan") if campaign else dice
    sender, subject, body = Writer(library, name, dice, month_of(date), campaign).mail()
    rate = 0.12 if campaign else dice.pick((0.0, 0.2, 0.4))
    subject, body = reworded(subject, dice, rate / 2), reworded(body, dice, rate)
    if dice.chance(0.15):
        body = mistyped(body, dice, 0.02)
    subject, body = _tidy(subject), _tidy(body)

    hidden = ""
    if kind.label == "spam" and kind.disguise and plan.chance(kind.disguise):
        names = SUBTLE if name in FORMAL else tuple(TRICKS)
        for trick in plan.several(names, plan.between(1, 2)):
            body = TRICKS[trick](body, dice)
            if trick != "hash_buster" and plan.chance(0.5):
                subject = TRICKS[trick](subject, dice)
    if kind.label == "spam" and kind.disguise and plan.chance(0.07):
        hidden = _tidy(Writer(library, "stuffing", dice, month_of(date)).write("{text}"))
    if plan.chance(kind.html):
        picture = plan.chance(0.3) and name not in ("work", "personal", "foreign_ham")
        link = Writer(library, "words", dice, month_of(date)).write("https://{host}/{x:6}")
        body = html(body, dice, hidden, link if picture else "")
    else:
        body = plain(body + ("\n\n\n" + hidden if hidden else ""), dice)

    if dice.chance(0.05):
        body = untidy(body, dice)
    if dice.chance(0.03):
        subject = untidy(subject, dice)
    if dice.chance(0.015):
        subject = ""
    if dice.chance(0.012):
        sender = ""
    family = campaign.partition("/")[2]
    return Mail(date, sender, subject, body, kind.label, name, family, kind.label)


def _tidy(text: str) -> str:
    """Removes what empty alternatives leave behind: double blanks, blank paragraphs."""
    text = re.sub(r"(?<=\S)  +(?=\S)", " ", text)
    text = re.sub(r" +([.,!?;:])(?=\s|$)", r"\1", text)
    text = re.sub(r" +\n|\n +\n", "\n", text)
    return re.sub(r"\n{3,}", "\n\n", text).strip()


def _with_copies(mails: list[Mail], dice: Dice) -> list[Mail]:
    """Some mails come twice, byte for byte: sent again, or delivered to two folders."""
    copies = []
    for number, index in enumerate(dice.several(range(len(mails)), COPIES), start=1):
        family = mails[index].campaign or f"copy-{number:02}"
        mails[index] = replace(mails[index], campaign=family)
        later = timedelta(minutes=dice.pick((1, 2, 15, 300, 1440, 4000)))
        copies.append(replace(mails[index], date=mails[index].date + later))
    return mails + copies


def _with_wrong_labels(mails: list[Mail], dice: Dice) -> list[Mail]:
    """One mail in a hundred gets the other label: half of each class, oftener where it is hard."""
    other = {"ham": "spam", "spam": "ham"}
    for label in other:
        count = len(mails) * WRONG_PERCENT // 200
        own = [at for at, mail in enumerate(mails) if mail.label == label]
        hard = [at for at in own if mails[at].kind in CONFUSING]
        chosen = dice.several(hard, count // 2)
        chosen += dice.several([at for at in own if at not in chosen], count - len(chosen))
        for at in chosen:
            mails[at] = replace(mails[at], given_label=other[label])
    return mails
