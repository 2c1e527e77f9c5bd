"""Where the links of a mail lead: the anchors of its HTML, and the addresses in its text.

The registered domain of a host comes from the snapshot of the public suffix list in tldextract;
nothing is fetched and nothing is written.

>>> extract_registered_domain("news.shop.co.uk")
'shop.co.uk'
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any, ClassVar, NamedTuple

import numpy as np
import pandas as pd

from pipeline.features.numeric import ONE, Numeric
from pipeline.features.texts import MOST_CHARACTERS, join_texts, read_raw_texts

MOST_LINKS = 500
"""Only the first 500 links of a mail are counted."""
LONGEST_ADDRESS = 2000
"""Addresses are cut after 2,000 characters, so that a huge one takes no longer."""
LONGEST_ANCHOR = 200
"""Only the first 200 characters of a link's text are searched for a domain."""

# fmt: off
SHORTENERS = ("bit.ly", "bitly.com", "buff.ly", "cutt.ly", "goo.gl", "is.gd", "lnkd.in", "ow.ly",
              "rb.gy", "rebrand.ly", "shorturl.at", "t.co", "t.ly", "tiny.cc", "tinyurl.com")
# fmt: on
IN_TEXT = re.compile(
    rf"(?:https?://|www\.|mailto:)[^\s<>\"'\[\](){{}}]{{1,{LONGEST_ADDRESS}}}", re.IGNORECASE
)
AUTHORITY = re.compile(r"(?:(?:https?|ftp):)?//([^/?#\\\s]*)|(www\.[^/?#\\\s]*)", re.IGNORECASE)
IP_ADDRESS = re.compile(r"\d{1,3}(?:\.\d{1,3}){3}|\d{8,10}|0x[0-9a-f]{1,8}|\[[0-9a-f:.]{2,45}\]")
# tags other than anchors are removed: the parser takes quadratic time on deep nesting (8 s for
# 40,000 <div>), and anchors do not nest
OTHER_TAG = re.compile(r"<(?!/?a[\s/>]|!)[^<>]*>", re.IGNORECASE)
DOMAIN = re.compile(r"(?<![\w@.-])[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63}){1,9}(?![\w@-])")


class Link(NamedTuple):
    """An address, and the text of its anchor ("" in plain text)."""

    address: str
    anchor: str = ""


@dataclass(eq=False)
class Links(Numeric):
    """Counts links and the suspicious ones among them, as ln(1 + count)."""

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
            join_texts(frame, MOST_CHARACTERS),
            frame["body"],
            read_raw_texts(frame, "html"),
            strict=True,
        )
        counts = [_count(_find_links(text, html or ""), len(body)) for text, body, html in mails]
        return np.log1p(np.array(counts, np.float64).reshape(len(frame), len(self.measures)))


def _find_links(text: str, html: str) -> list[Link]:
    """Find the links of the HTML, then those of the text whose address is not in the HTML.

    If a mail is only HTML, its body is that HTML as text, with the addresses of the links.
    """
    links: list[Link] = list(_find_anchors(html[:MOST_CHARACTERS])) if "<" in html else []
    in_html = {link.address for link in links}
    for match in IN_TEXT.finditer(text):
        if len(links) >= MOST_LINKS:
            break
        address = match[0].rstrip(".,;:!?")
        if address not in in_html:
            links.append(Link(address))
    return links


def _find_anchors(html: str) -> Iterator[Link]:
    from selectolax.lexbor import LexborHTMLParser

    for node in LexborHTMLParser(OTHER_TAG.sub("", html)).css("a[href]")[:MOST_LINKS]:
        address = (node.attributes.get("href") or "").strip()[:LONGEST_ADDRESS]
        if address and not address.startswith("#"):
            yield Link(address, node.text()[:LONGEST_ANCHOR])


def _count(links: list[Link], characters: int) -> list[float]:
    """Count the `Links.measures`; a body shorter than 1,000 characters counts as 1,000."""
    mailto = sum(link.address[:7].lower() == "mailto:" for link in links)
    web = [(host, link.anchor) for link in links if (host := _extract_host(link.address))]
    domains = [extract_registered_domain(host) for host, _ in web]
    misleading = sum(
        _extract_shown_domain(anchor) not in ("", domain)
        for (_, anchor), domain in zip(web, domains, strict=True)
    )
    return [
        len(web),
        len(set(domains)),
        sum(IP_ADDRESS.fullmatch(host) is not None for host, _ in web),
        sum(domain in SHORTENERS for domain in domains),
        misleading,
        sum(any(p.startswith("xn--") for p in host.split(".")) for host, _ in web),
        mailto,
        1000 * len(web) / max(characters, 1000),
    ]


def _extract_host(address: str) -> str:
    """Extract the lower-case host of a web address, without user and port; "" from others."""
    match = AUTHORITY.match(address)
    if match is None:
        return ""
    host = (match[1] or match[2] or "").rpartition("@")[2].lower()
    return re.sub(r":\d*$", "", host).rstrip(".")


def _extract_shown_domain(anchor: str) -> str:
    """Extract the registered domain that a reader sees in the text of a link; "" if none."""
    match = DOMAIN.search(anchor.lower()) if "." in anchor else None
    return _look_up(match[0]) if match else ""


def extract_registered_domain(host: str) -> str:
    """Extract example.org from mail.example.org; return a host without a public suffix as it is."""
    return _look_up(host) or host


@lru_cache(maxsize=10_000)
def _look_up(host: str) -> str:
    domain: str = _load_suffixes()(host).top_domain_under_public_suffix
    return domain


@cache
def _load_suffixes() -> Any:
    import tldextract

    return tldextract.TLDExtract(suffix_list_urls=(), cache_dir=None)
