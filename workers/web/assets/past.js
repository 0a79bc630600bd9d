// The time machine: the portfolio as of a time in words, read from the lake.
import { clock } from "./dom.js";
import { Store } from "./store.js";

const byId = (id) => document.getElementById(id);

/** Have the form show the past by `show(store)`, and what is now by `show(null)`. */
export function makePast(show) {
  const said = byId("past-said");
  const live = byId("live");
  byId("past").addEventListener("submit", async (event) => {
    event.preventDefault();
    const at = byId("as-of").value.trim();
    if (!at) return;
    said.textContent = "reading the lake";
    const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
    try {
      const answer = await fetch(`past?${new URLSearchParams({ at, zone })}`, { cache: "no-store" });
      const isJson = answer.headers.get("Content-Type").startsWith("application/json");
      const found = isJson ? await answer.json() : { error: `refused: ${answer.status}` };
      if (!answer.ok) {
        said.textContent = found.error;
        return;
      }
      const store = new Store();
      store.take(found);
      said.textContent = `as of ${clock(found.at)}: prices and ages are of then`;
      live.hidden = false;
      show(store);
    } catch {
      said.textContent = "slotwise web does not answer";
    }
  });
  live.addEventListener("click", () => {
    live.hidden = true;
    said.textContent = "";
    show(null);
  });
}
