"""Which kinds of mail there are, how many of each, and how they behave. One kind, one grammar."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Kind:
    """`alone` mails are written singly; besides there are `campaigns` of near-duplicates.

    `trend` is the weight of the last month against the first (1 = steady); `months` are the first
    and last month in which the kind occurs; `html` and `disguise` are shares of its mails.
    """

    label: str
    alone: int
    campaigns: tuple[int, ...] = field(default=())
    months: tuple[int, int] = (1, 18)
    trend: float = 1.0
    html: float = 0.0
    disguise: float = 0.0


KINDS: dict[str, Kind] = {
    "personal": Kind("ham", 318, trend=0.8, html=0.04),
    "work": Kind("ham", 395, trend=0.7, html=0.06),
    "short_note": Kind("ham", 150),
    "newsletter": Kind("ham", 160, (8, 6, 7), html=0.5),
    "order": Kind("ham", 135, (7, 9), html=0.4),
    "notice": Kind("ham", 180, (14, 9, 8, 6), trend=1.4, html=0.35),
    "lists": Kind("ham", 230, trend=0.5),
    "odd_topic": Kind("ham", 100, html=0.05),
    "forwarded": Kind("ham", 35),
    "inquiry": Kind("ham", 78, html=0.1),
    "foreign_ham": Kind("ham", 90, html=0.08),
    "pharmacy": Kind("spam", 42, (14, 9, 7), trend=0.4, html=0.4, disguise=0.30),
    "loan": Kind("spam", 50, (8, 6, 9), trend=2.0, html=0.2, disguise=0.12),
    "crypto": Kind("spam", 48, (11, 8, 6), (6, 18), 3.0, html=0.3, disguise=0.15),
    "watches": Kind("spam", 20, (9, 7), (1, 9), 0.5, html=0.4, disguise=0.24),
    "dating": Kind("spam", 38, (10, 6), trend=3.0, html=0.15, disguise=0.12),
    "seo": Kind("spam", 52, (9, 7), trend=3.0, html=0.1, disguise=0.03),
    "casino": Kind("spam", 46, (12, 8), (7, 18), 2.0, html=0.5, disguise=0.24),
    "advance_fee": Kind("spam", 72, (8, 6), trend=0.7, html=0.05, disguise=0.06),
    "home_job": Kind("spam", 50, (9, 6), (4, 18), 1.5, html=0.1, disguise=0.09),
    "diet": Kind("spam", 34, (8, 6), trend=1.6, html=0.5, disguise=0.18),
    "fake_invoice": Kind("spam", 28, (9, 7), (5, 18), 2.5, html=0.25),
    "stock_tip": Kind("spam", 14, (11, 8), (1, 8), html=0.1, disguise=0.21),
    "ink": Kind("spam", 14, (7,), (1, 10), 0.6, html=0.5, disguise=0.12),
    "diploma": Kind("spam", 10, (8, 7), (1, 7), 0.6, html=0.1, disguise=0.24),
    "phishing": Kind("spam", 34, (14, 10, 9, 8, 6), trend=3.5, html=0.45, disguise=0.07),
    "proposal": Kind("spam", 40, (9, 6), trend=2.0, html=0.1),
    "advert": Kind("spam", 26, (10, 7), trend=1.8, html=0.5, disguise=0.06),
    "short_spam": Kind("spam", 11, trend=2.0, disguise=0.06),
    "extortion": Kind("spam", 14, (11, 7), (9, 18), 1.5, disguise=0.18),
    "foreign_spam": Kind("spam", 32, (8, 7), trend=2.0, html=0.2, disguise=0.06),
}
