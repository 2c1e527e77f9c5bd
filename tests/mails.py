"""Small generated mails, the same on every machine, easy enough to learn from a hundred of them."""

import random
from collections.abc import Iterable
from email.message import EmailMessage

import pandas as pd

from pipeline.mail.dataset import CANONICAL, Dataset

# fmt: off
SHARED = ["the", "a", "to", "and", "of", "please", "see", "your", "for", "on", "with", "regards",
          "monday", "today"]
HAM = ["meeting", "agenda", "minutes", "budget", "review", "draft", "colleague", "invoice",
       "train", "lunch"]
SPAM = ["viagra", "lottery", "winner", "casino", "pills", "bonus", "click", "unsubscribe",
        "cheap", "replica"]
# fmt: on


def mails(n: int = 120, seed: int = 0, share: float = 0.5) -> pd.DataFrame:
    """A canonical frame of `n` mails of which `share` are spam, rows in random order.

    One word in five comes from the other class's list, so that scores are not all 0 or 1.
    """
    dice = random.Random(seed)
    rows = []
    for i in range(n):
        spam = i < round(n * share)
        own, other = (SPAM, HAM) if spam else (HAM, SPAM)
        words = [dice.choice(dice.choice((SHARED, SHARED, own, own, other))) for _ in range(20)]
        rows.append(
            {
                "id": f"m{i}",
                "label": "spam" if spam else "ham",
                "subject": " ".join(words[:4]),
                "body": " ".join(words[4:]),
                "sender": dice.choice(("anna@example.org", "shop@example.com", None)),
                "date": pd.Timestamp("2005-01-01", tz="UTC") + pd.Timedelta(hours=i),
                "group": None,
            }
        )
    dice.shuffle(rows)
    frame = pd.DataFrame(rows, columns=list(CANONICAL))
    return frame.astype({"sender": "str", "group": "str"})


def dataset(n: int = 120, seed: int = 0, share: float = 0.5) -> Dataset:
    """`mails` as a Dataset."""
    return Dataset("small", mails(n, seed, share))


def raw_mails(n: int = 120, seed: int = 0, share: float = 0.5) -> pd.DataFrame:
    """`mails` as if they had been raw messages: headers, HTML, attachments, telling senders."""
    frame, dice = mails(n, seed, share), random.Random(seed)
    raw = []
    for spam, subject, body in zip(
        frame["label"] == "spam", frame["subject"], frame["body"], strict=True
    ):
        who = dice.choice(("shop", "offer")) if spam else dice.choice(("anna", "ben", "carla"))
        sender = f"{who.title()} <{who}@example.{'com' if spam else 'org'}>"
        extra = "X-Mailer: Bulk 3000" if spam else "User-Agent: Reader 1.5"
        link = f'<a href="http://www.{dice.choice(SPAM)}.example.com/">example.org</a>'
        raw.append(
            {
                "sender": sender,
                "headers": f"From: {sender}\nSubject: {subject}\n{extra}\nReceived: by a.example",
                "html": f"<p>{body}</p>{link}" if spam else "",
                "attachments": "" if spam else dice.choice(("", "application/pdf minutes.pdf")),
                "reading": "",
            }
        )
    return frame.assign(**pd.DataFrame(raw))


def message(mail: pd.Series, html: str = "", labels: str = "") -> bytes:
    """A row of `mails` as the raw message it could have been; with its labels in Gmail, if any."""
    raw = EmailMessage()
    raw["From"] = mail["sender"] or "nobody@example.net"
    raw["Date"] = mail["date"].to_pydatetime()
    raw["Subject"] = mail["subject"]
    raw["Message-ID"] = f"<{mail['id']}@example.org>"
    if labels:
        raw["X-Gmail-Labels"] = labels
    raw.set_content(mail["body"])
    if html:
        raw.add_alternative(html, subtype="html")
    return bytes(raw)


def mbox(messages: Iterable[bytes]) -> bytes:
    """Messages in one file, as mail programs keep them."""
    return b"".join(b"From - Mon Jan  3 10:00:00 2005\n" + raw + b"\n" for raw in messages)
