// The time machine: the portfolio as of a time, as it was known at another, read from the lake.
import { clock } from "./dom.js";
import { Store } from "./store.js";
import { duration } from "./words.js";

const MINUTE_MS = 60_000;

const byId = (id) => document.getElementById(id);

/** Have the form show the past by `show(store)`, and what is now by `show(null)`. */
export function makePast(show) {
  const [note, live, back, asOf, known] = ["past-said", "live", "back", "as-of", "known"].map(byId);
  let asked = 0;
  // Of which past the page is; empty while it shows now.
  let label = "";

  /** Write of which time the page is, and beside it what became of a question. */
  function say(words = "") {
    note.textContent = [label, words].filter(Boolean).join("; ");
  }

  async function ask() {
    const [at, knownAt] = [asOf.value.trim(), known.value.trim()];
    if (!at) return;
    asked += 1;
    const own = asked;
    say("reading the lake");
    const found = await read(at, knownAt);
    // Another time was asked for meanwhile.
    if (own !== asked) return;
    if (found.error !== undefined) {
      say(found.error);
      return;
    }
    const store = new Store();
    store.take(found);
    const knew = knownAt ? `, as known at ${knownAt}` : "";
    label = `as of ${clock(found.at)}${knew}: prices and ages are of then`;
    say();
    live.hidden = false;
    show(store);
  }

  function toNow() {
    asked += 1;
    live.hidden = true;
    label = "";
    say();
    back.value = 0;
    sayBack();
    show(null);
  }

  function sayBack() {
    const minutes = -Number(back.value);
    back.setAttribute("aria-valuetext", minutes ? `${duration(minutes * MINUTE_MS)} ago` : "now");
    return minutes;
  }

  byId("past").addEventListener("submit", (event) => {
    event.preventDefault();
    ask();
  });
  back.addEventListener("input", () => {
    const minutes = sayBack();
    asOf.value = minutes ? `${minutes} min ago` : "";
  });
  back.addEventListener("change", () => (Number(back.value) ? ask() : toNow()));
  live.addEventListener("click", toNow);
  sayBack();
}

/** Return the whole portfolio of a time, or an error with its reason. */
async function read(at, known) {
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const words = new URLSearchParams(known ? { at, known, zone } : { at, zone });
  try {
    const answer = await fetch(`past?${words}`, { cache: "no-store" });
    const isJson = answer.headers.get("Content-Type").startsWith("application/json");
    return isJson ? await answer.json() : { error: `refused: ${answer.status}` };
  } catch {
    return { error: "slotwise web does not answer" };
  }
}
