"""The HTML document that the browser loads first: Streamlit's own, with `places.css` in its head.

The browser draws a page piece by piece: the sidebar with the first message of the server, and each
kind of widget when its code has arrived; until then a bar of 40 px stands there. A widget of
another height moves everything below it. A style that a page draws itself (`st.html`) arrives
together with the first widgets, too late to reserve their places.
"""

from pathlib import Path

import streamlit as st
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

HERE = Path(__file__).parent
INDEX = Path(st.__file__).parent / "static" / "index.html"
# a closed sidebar, which Streamlit remembers, needs no place
CLOSED = """<script>
if (localStorage.getItem("stSidebarCollapsed-") === "true")
  document.documentElement.dataset.sidebar = "closed"
</script>"""


def build_routes() -> list[Route]:
    """Build the routes of all pages, which all serve the one document."""
    pages = sorted(path.parent.name for path in (HERE / "app_pages").glob("*/page.py"))
    style = f"<style>{(HERE / 'places.css').read_text('utf-8')}</style>"
    html = INDEX.read_text("utf-8").replace("</head>", f"{style}{CLOSED}</head>", 1)

    async def document(request: Request) -> Response:
        return HTMLResponse(html, headers={"Cache-Control": "no-cache"})

    return [Route(f"/{page}", document) for page in ("", *pages)]
