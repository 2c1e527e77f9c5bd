"""Fields for subject and text that report their content while the user types.

Streamlit's own text area reports only when the user leaves it. This one does after a quarter of a
second without a key. The texts travel as data and become values of fields, never markup.
"""

import streamlit as st

REST = 250
"""Milliseconds without a key after which the text is sent."""
NAME = "spamlab_live_text"

HTML = """
<label for="subject">Subject</label>
<input id="subject" type="text" dir="auto" autocomplete="off" spellcheck="false">
<label for="body">Text</label>
<textarea id="body" dir="auto" rows="12" autocomplete="off" spellcheck="false"></textarea>
"""

CSS = """
label { display: block; margin: 0 0 0.25rem; font-size: 0.875rem; }
input, textarea {
  box-sizing: border-box; width: 100%; margin: 0 0 0.75rem; padding: 0.5rem 0.75rem;
  font: 0.875rem/1.6 var(--st-code-font, monospace);
  color: var(--st-text-color); background: var(--st-secondary-background-color);
  border: 1px solid var(--st-border-color, rgba(128, 128, 128, 0.4));
  border-radius: var(--st-base-radius, 0.25rem);
}
textarea { resize: vertical; min-height: 6rem; margin-bottom: 0; }
input:focus, textarea:focus {
  outline: 2px solid var(--st-primary-color); outline-offset: -1px;
}
:host, label { color: var(--st-text-color); font-family: var(--st-font, sans-serif); }
"""

JS = """
export default function ({ parentElement, data, setStateValue }) {
  const subject = parentElement.querySelector("#subject")
  const body = parentElement.querySelector("#body")
  if (body.dataset.filled === undefined) {
    // only once: from then on the fields belong to the user
    subject.value = data.subject
    body.value = data.body
    subject.maxLength = data.most
    body.maxLength = data.most
    body.dataset.filled = ""
  }
  const send = () => {
    clearTimeout(body.resting)
    setStateValue("text", { subject: subject.value, body: body.value })
  }
  subject.oninput = body.oninput = () => {
    clearTimeout(body.resting)
    body.resting = setTimeout(send, data.rest)
  }
  subject.onchange = body.onchange = send // the field is left: a button is about to be pressed
}
"""


def edit_text(subject: str, body: str, most: int, key: str) -> tuple[str, str]:
    """Draw the fields; their current content.

    Args:
        subject, body: the content at first; a different `key` makes new fields.
        most: the most characters of each.
    """
    # registered in each run, because a test that draws one page after another has no other time
    fields = st.components.v2.component(NAME, html=HTML, css=CSS, js=JS)
    state = fields(
        key=key,
        data={"subject": subject, "body": body, "most": most, "rest": REST},
        default={"text": None},
        on_text_change=lambda: None,
    )
    typed = state.get("text")
    if not typed:
        return subject, body
    return _restore_line_ends(str(typed["subject"]), subject), _restore_line_ends(
        str(typed["body"]), body
    )


def _restore_line_ends(typed: str, first: str) -> str:
    """The typed text with its first line ends: a browser's field makes them one character each."""
    if typed in (_lines(first), _lines(first).replace("\n", "")):
        return first
    return typed.replace("\n", "\r\n") if "\r\n" in first else typed


def _lines(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")
