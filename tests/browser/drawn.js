// Knows when the page is drawn for good: window.undrawn() says what is still to come, "" if nothing.
// Runs in each document before Streamlit's own scripts.
(() => {
  // Milliseconds. What a hand does is sent at the latest 250 ms afterwards (our field for the text
  // of a mail; Streamlit's sliders wait 200 ms, its tables 150 ms), by timers of this same thread.
  const QUIET = 300;
  // Of Streamlit's messages (BackMsg.proto, ForwardMsg.proto): the first byte of one that asks for a
  // run of the script, and the fields that say a run has begun, a fragment repeats itself until the
  // next run of the whole script, and a run has ended (0: of the whole script, and well; 2: early,
  // because another is to begin, as st.rerun asks for).
  const RERUN = (11 << 3) | 2;
  const [NEW_SESSION, AUTO_RERUN, FINISHED] = [4, 21, 6];
  const PENDING = {
    "an element's code is not here yet": "[data-testid=stSkeleton], [data-testid=stAppSkeleton]",
    "what a former run drew is still there": "[data-stale=true]",
  };

  let asked = false; // for a run that has not begun
  let repeats = false; // a part of the page draws itself anew every now and then
  let repeated = false; // likewise, in the run that goes on
  let moved = performance.now();
  const touch = () => (moved = performance.now());

  // Which field a message has behind its hash and its metadata, and the byte after its tag.
  const kind = (bytes) => {
    let at = 0;
    const number = () => {
      for (let value = 0, shift = 0; ; shift += 7) {
        const byte = bytes[at++];
        value |= (byte & 127) << shift;
        if (byte < 128) return value;
      }
    };
    while (at < bytes.length) {
      const field = number() >> 3;
      if (field > 2) return [field, bytes[at]];
      const length = number();
      at += length;
    }
    return [0, 0];
  };

  const hear = (bytes) => {
    touch();
    const [field, value] = kind(bytes);
    if (field === NEW_SESSION) asked = repeated = false;
    if (field === AUTO_RERUN) repeated = true;
    if (field === FINISHED && value === 0) [repeats, repeated] = [repeated, false];
    if (field === FINISHED && value === 2) asked = true;
  };

  window.WebSocket = class extends WebSocket {
    constructor(...how) {
      super(...how);
      this.addEventListener("message", ({ data }) => hear(new Uint8Array(data)));
    }
    send(data) {
      if (new Uint8Array(data)[0] === RERUN) asked = true;
      touch();
      super.send(data);
    }
  };

  for (const act of ["pointerdown", "pointerup", "click", "keydown", "input", "change"])
    addEventListener(act, touch, { capture: true, passive: true });
  addEventListener("DOMContentLoaded", () =>
    new MutationObserver(touch).observe(document.body, {
      childList: true,
      characterData: true,
      subtree: true,
    }),
  );

  const seen = (element) => element.getClientRects().length > 0;

  window.undrawn = () => {
    const app = document.querySelector("[data-testid=stApp]");
    if (!app || !document.querySelector("h1")) return "there is no page yet";
    if (app.dataset.testConnectionState !== "CONNECTED") return "the server is not there";
    if (asked) return "a run was asked for and has not begun";
    if (app.dataset.testScriptState !== "notRunning") return "the script is running";
    if (repeats) return "a part of the page is drawn again and again";
    for (const [what, where] of Object.entries(PENDING))
      if (document.querySelector(where)) return what;
    for (const chart of document.querySelectorAll("[data-testid=stPlotlyChart]"))
      if (seen(chart) && !chart.querySelector(".main-svg")) return "a chart has no picture yet";
    if (document.fonts.status !== "loaded") return "a font is not here yet";
    const rest = QUIET - (performance.now() - moved);
    return rest > 0 ? "something has just changed" : "";
  };
})();
