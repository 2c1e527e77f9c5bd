"""The tables of the datasheet, counted from the mails, so that they cannot be wrong."""

import re
from collections import Counter, defaultdict
from collections.abc import Sequence

from sample.corpus import Mail
from sample.kinds import KINDS
from sample.timeline import FIRST, MONTHS, month_of

MARKED = re.compile(r"(<!-- table (\w+) -->\n).*?(<!-- end -->)", re.DOTALL)


def with_tables(text: str, mails: list[Mail]) -> str:
    """The datasheet with every part between its markers counted anew."""
    tables = {
        "totals": _totals,
        "kinds": _kinds,
        "wrong": _wrong,
        "campaigns": _campaigns,
        "months": _months,
    }
    return MARKED.sub(lambda part: part[1] + tables[part[2]](mails) + part[3], text)


def _table(head: list[str], rows: list[list[object]]) -> str:
    lines: list[Sequence[object]] = [head, ["---"] * len(head), *rows]
    return "".join("| " + " | ".join(str(cell) for cell in line) + " |\n" for line in lines)


def _totals(mails: list[Mail]) -> str:
    lengths = sorted(len(mail.body) for mail in mails)
    seen = Counter((mail.sender, mail.subject, mail.body) for mail in mails)
    spam = sum(mail.label == "spam" for mail in mails)
    rows: list[list[object]] = [
        ["mails", len(mails)],
        ["truly ham", len(mails) - spam],
        ["truly spam", f"{spam} ({100 * spam / len(mails):.1f} %)"],
        ["labelled ham", sum(mail.given_label == "ham" for mail in mails)],
        ["labelled spam", sum(mail.given_label == "spam" for mail in mails)],
        ["wrong labels", sum(mail.label != mail.given_label for mail in mails)],
        ["without subject", sum(not mail.subject for mail in mails)],
        ["without sender", sum(not mail.sender for mail in mails)],
        ["with HTML body", sum("</" in mail.body for mail in mails)],
        ["rows that repeat an earlier mail exactly", sum(seen.values()) - len(seen)],
        ["characters a body: shortest", lengths[0]],
        ["… median", lengths[len(lengths) // 2]],
        ["… longest", lengths[-1]],
        ["first / last day", f"{mails[0].date:%Y-%m-%d} / {mails[-1].date:%Y-%m-%d}"],
    ]
    return _table(["what", "count"], rows)


def _kinds(mails: list[Mail]) -> str:
    rows: list[list[object]] = []
    for name, kind in KINDS.items():
        own = [mail for mail in mails if mail.kind == name]
        rows.append(
            [
                name,
                kind.label,
                len(own),
                sum(bool(mail.campaign) for mail in own),
                sum(mail.label != mail.given_label for mail in own),
                sum("</" in mail.body for mail in own),
            ]
        )
    return _table(["kind", "true label", "mails", "in families", "wrong label", "HTML"], rows)


def _wrong(mails: list[Mail]) -> str:
    wrong = Counter(
        (mail.label, mail.given_label, mail.kind)
        for mail in mails
        if mail.label != mail.given_label
    )
    rows: list[list[object]] = [[*key, count] for key, count in sorted(wrong.items())]
    return _table(["truly", "labelled", "kind", "mails"], rows)


def _campaigns(mails: list[Mail]) -> str:
    families: dict[str, list[Mail]] = defaultdict(list)
    for mail in mails:
        if mail.campaign and not mail.campaign.startswith("copy-"):
            families[mail.campaign].append(mail)
    rows: list[list[object]] = [
        [name, own[0].label, len(own), f"{own[0].date:%Y-%m-%d}", f"{own[-1].date:%Y-%m-%d}"]
        for name, own in sorted(families.items())
    ]
    return _table(["family", "true label", "mails", "first", "last"], rows)


def _months(mails: list[Mail]) -> str:
    rows: list[list[object]] = []
    for month in range(1, MONTHS + 1):
        own = [mail for mail in mails if month_of(mail.date) == month]
        trades = Counter(mail.kind for mail in own if mail.label == "spam")
        spam = sum(trades.values())
        top = ", ".join(
            f"{kind} {count}"
            for kind, count in sorted(trades.items(), key=lambda item: (-item[1], item[0]))[:4]
        )
        year, index = FIRST.year + (month - 1) // 12, (month - 1) % 12 + 1
        share = f"{100 * spam / len(own):.0f} %"
        rows.append([f"{year}-{index:02}", len(own), spam, share, top])
    return _table(["month", "mails", "spam", "share", "commonest spam"], rows)
