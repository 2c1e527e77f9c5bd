"""The HTML document that the browser loads first: Streamlit's own, with `places.css` in its head.

Streamlit draws a page in the browser piece by piece: the sidebar with the first message of the
server, and each sort of widget when its code has come, for which a bar of 40 px stands until then.
Whatever is lower than what takes its place moves all below it. A style that a page itself draws
(`st.html`) comes together with the first widgets, which is too late to keep their places.
"""

from pathlib import Path

import streamlit as st
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

HERE = Path(__file__).parent
INDEX = Path(st.__file__).parent / "static" / "index.html"
# Streamlit remembers that the sidebar was closed; then it has no place to keep
CLOSED = """<script>
if (localStorage.getItem("stSidebarCollapsed-") === "true")
  document.documentElement.dataset.sidebar = "closed"
</script>"""


def build_routes() -> list[Route]:
    """The addresses of all pages, which all lead to the one document."""
    pages = sorted(path.parent.name for path in (HERE / "app_pages").glob("*/page.py"))
    style = f"<style>{(HERE / 'places.css').read_text('utf-8')}</style>"
    html = INDEX.read_text("utf-8").replace("</head>", f"{style}{CLOSED}</head>", 1)

    async def document(request: Request) -> Response:
        return HTMLResponse(html, headers={"Cache-Control": "no-cache"})

    return [Route(f"/{page}", document) for page in ("", *pages)]
