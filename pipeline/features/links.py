"""Where the links of a mail lead: from the anchors of its HTML and the addresses in its text.

The registered domain of a host comes from the snapshot of the public suffix list that tldextract
brings along; nothing is fetched and nothing is written.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from math import log1p
from typing import Any, ClassVar, NamedTuple

import numpy as np
import pandas as pd

from pipeline.features.block import mail_texts, raw_texts
from pipeline.features.numeric import Numeric

MOST_CHARACTERS = 200_000
"""Of the text of a mail, and of its HTML."""
MOST_LINKS = 500
"""Of one mail."""
LONGEST_ADDRESS = 2000
LONGEST_ANCHOR = 200
ONE = log1p(1)

# fmt: off
SHORTENERS = ("bit.ly", "bitly.com", "buff.ly", "cutt.ly", "goo.gl", "is.gd", "lnkd.in", "ow.ly",
              "rb.gy", "rebrand.ly", "shorturl.at", "t.co", "t.ly", "tiny.cc", "tinyurl.com")
# fmt: on
IN_TEXT = re.compile(
    rf"(?:https?://|www\.|mailto:)[^\s<>\"'\[\](){{}}]{{1,{LONGEST_ADDRESS}}}", re.IGNORECASE
)
AUTHORITY = re.compile(r"(?:(?:https?|ftp):)?//([^/?#\\\s]*)|(www\.[^/?#\\\s]*)", re.IGNORECASE)
NUMBER = re.compile(r"\d{1,3}(?:\.\d{1,3}){3}|\d{8,10}|0x[0-9a-f]{1,8}|\[[0-9a-f:.]{2,45}\]")
# a parser takes quadratic time on deep nesting (8 s for 40,000 <div>); anchors do not nest
NO_ANCHOR = re.compile(r"<(?!/?a[\s/>]|!)[^<>]*>", re.IGNORECASE)
NAMED = re.compile(r"(?<![\w@.-])[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63}){1,9}(?![\w@-])")


class Link(NamedTuple):
    """An address, and the text of its anchor ("" in plain text)."""

    address: str
    anchor: str = ""


@dataclass(eq=False)
class Links(Numeric):
    """Counts of links and of suspicious ones among them, as ln(1 + count)."""

    title: ClassVar[str] = "Links"
    summary: ClassVar[str] = (
        "How many links there are, and how many are suspicious: bare addresses, shorteners, texts "
        "that name another domain."
    )

    measures: ClassVar[dict[str, float]] = {
        "links": ONE,
        "different domains linked": ONE,
        "links to bare IP addresses": ONE,
        "links to URL shorteners": ONE,
        "links whose text names another domain": ONE,
        "links to punycode hosts": ONE,
        "mailto links": ONE,
        "links per 1,000 characters": ONE,
    }
    counts: ClassVar[tuple[str, ...]] = tuple(measures)

    def measure(self, frame: pd.DataFrame) -> np.ndarray:
        mails = zip(
            mail_texts(frame, MOST_CHARACTERS), frame["body"], raw_texts(frame, "html"), strict=True
        )
        counts = [_counts(_links(text, html or ""), len(body)) for text, body, html in mails]
        return np.log1p(np.array(counts, np.float64).reshape(len(frame), len(self.measures)))


def _links(text: str, html: str) -> list[Link]:
    """The links of the HTML, then those of the text that the HTML does not have as well.

    The body of a mail that is only HTML is that HTML as text, with the addresses of its links.
    """
    links: list[Link] = list(_anchors(html[:MOST_CHARACTERS])) if "<" in html else []
    there = {link.address for link in links}
    for match in IN_TEXT.finditer(text):
        if len(links) >= MOST_LINKS:
            break
        address = match[0].rstrip(".,;:!?")
        if address not in there:
            links.append(Link(address))
    return links


def _anchors(html: str) -> Iterator[Link]:
    from selectolax.lexbor import LexborHTMLParser

    for node in LexborHTMLParser(NO_ANCHOR.sub("", html)).css("a[href]")[:MOST_LINKS]:
        address = (node.attributes.get("href") or "").strip()[:LONGEST_ADDRESS]
        if address and not address.startswith("#"):
            yield Link(address, node.text()[:LONGEST_ANCHOR])


def _counts(links: list[Link], characters: int) -> list[float]:
    mailto = sum(link.address[:7].lower() == "mailto:" for link in links)
    web = [(host, link.anchor) for link in links if (host := _host(link.address))]
    domains = [registered_domain(host) for host, _ in web]
    others = [
        named
        for (_, anchor), domain in zip(web, domains, strict=True)
        if (named := _named(anchor)) and named != domain
    ]
    return [
        len(web),
        len(set(domains)),
        sum(NUMBER.fullmatch(host) is not None for host, _ in web),
        sum(domain in SHORTENERS for domain in domains),
        len(others),
        sum(any(p.startswith("xn--") for p in host.split(".")) for host, _ in web),
        mailto,
        1000 * len(web) / max(characters, 1000),
    ]


def _host(address: str) -> str:
    """The lower-case host of a web address, without user and port; "" for other addresses."""
    match = AUTHORITY.match(address)
    if match is None:
        return ""
    host = (match[1] or match[2] or "").rpartition("@")[2].lower()
    return re.sub(r":\d*$", "", host).rstrip(".")


def _named(anchor: str) -> str:
    """The registered domain that a reader sees in the text of a link, or ""."""
    match = NAMED.search(anchor.lower()) if "." in anchor else None
    return _registered(match[0]) if match else ""


def registered_domain(host: str) -> str:
    """example.org of mail.example.org; a host that is under no public suffix as it is."""
    return _registered(host) or host


@lru_cache(maxsize=10_000)
def _registered(host: str) -> str:
    return _extract()(host).top_domain_under_public_suffix


@cache
def _extract() -> Any:
    import tldextract

    return tldextract.TLDExtract(suffix_list_urls=(), cache_dir=None)
