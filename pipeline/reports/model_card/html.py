"""A card as one HTML file: nothing is fetched, nothing runs; light, dark and on paper."""

from html import escape

from pipeline.reports.model_card.card import Block, Card, Picture, Points, Table, flatten_text

STYLE = """
:root { color-scheme: light dark; --ink: #1b1f24; --soft: #57606a; --line: #d0d7de;
  --paper: #ffffff; --band: #f6f8fa; --train: #0072b2; --validation: #b34700 }
@media (prefers-color-scheme: dark) { :root { --ink: #e6edf3; --soft: #9aa4af; --line: #3d444d;
  --paper: #0e1117; --band: #1a1f27; --train: #56b4e9; --validation: #e69f00 } }
* { box-sizing: border-box }
body { margin: 0 auto; padding: 2rem 1.25rem 4rem; max-width: 54rem; background: var(--paper);
  color: var(--ink); font: 16px/1.5 system-ui, sans-serif; overflow-wrap: anywhere }
h1 { font-size: 1.7rem; line-height: 1.25; margin: 0 0 .5rem }
h2 { font-size: 1.2rem; margin: 2.2rem 0 .5rem; padding-top: .8rem;
  border-top: 1px solid var(--line) }
.summary, figcaption, caption { color: var(--soft) }
.wide { overflow-x: auto; margin: .8rem 0 }
table { border-collapse: collapse; font-size: .92rem; font-variant-numeric: tabular-nums;
  overflow-wrap: normal }
caption { text-align: left; padding-bottom: .35rem; font-size: .92rem }
th, td { text-align: left; vertical-align: top; padding: .3rem .8rem .3rem .4rem;
  border-bottom: 1px solid var(--line) }
td { overflow-wrap: anywhere; min-width: 5rem }
thead th { background: var(--band); font-weight: 600 }
li { margin: .3rem 0 }
figure { margin: 1rem 0 }
svg { display: block; width: 100%; max-width: 40rem; height: auto;
  font: 12px system-ui, sans-serif }
svg text { fill: var(--soft) }
svg .axis { stroke: var(--line); fill: none }
svg .train { stroke: var(--train); fill: none; stroke-width: 2; stroke-dasharray: 6 4 }
svg .validation { stroke: var(--validation); fill: none; stroke-width: 2 }
svg .best { stroke: var(--soft); stroke-dasharray: 2 3 }
svg text.of-train { fill: var(--train) }
svg text.of-validation { fill: var(--validation) }
@media print { body { max-width: none; padding: 0; font-size: 11pt }
  h2 { break-after: avoid } table, figure, li { break-inside: avoid } }
"""

POLICY = "default-src 'none'; style-src 'unsafe-inline'"
"""Whatever a name may hold, a browser fetches nothing and runs nothing."""


def to_html(card: Card) -> str:
    """The whole card as one file."""
    title = _text(card.title)
    body = "\n".join(
        f"<section>\n<h2>{_text(section.title)}</h2>\n"
        + "\n".join(map(_block, section.blocks))
        + "\n</section>"
        for section in card.sections
    )
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{title}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<h1>{title}</h1>\n"
        f'<p class="summary">{_text(card.summary)}</p>\n{body}\n</body>\n</html>\n'
    )


def _block(block: Block) -> str:
    if isinstance(block, Points):
        return "<ul>" + "".join(f"<li>{_text(item)}</li>" for item in block.items) + "</ul>"
    if isinstance(block, Picture):
        caption = _text(block.table.caption)
        return f"<figure>{block.svg}<figcaption>{caption}</figcaption></figure>"
    if isinstance(block, Table):
        head = "".join(f'<th scope="col">{_text(name)}</th>' for name in block.columns)
        rows = "".join(
            "<tr>" + "".join(f"<td>{_text(cell)}</td>" for cell in row) + "</tr>"
            for row in block.rows
        )
        caption = f"<caption>{_text(block.caption)}</caption>" if block.caption else ""
        return (
            f'<div class="wide"><table>{caption}<thead><tr>{head}</tr></thead>'
            f"<tbody>{rows}</tbody></table></div>"
        )
    return f"<p>{_text(block)}</p>"


def _text(text: str) -> str:
    return escape(flatten_text(text))
