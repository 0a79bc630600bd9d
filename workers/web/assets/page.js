// The page: opens the stream, keeps the store, shows the verdict, and says when nothing comes.
import { setClock, silence } from "./clock.js";
import { PortfolioView } from "./portfolio.js";
import { Store } from "./store.js";
import { makeTheme } from "./theme.js";
import { duration } from "./words.js";

/** A frame comes each second, or each few of a large portfolio; after this long something is wrong, seconds. */
const SILENT_S = 15;
/** Ages are drawn anew this often, ms. */
const TICK_MS = 1000;
/** Time until a stream that has ended is opened again, ms. */
const AGAIN_MS = 2000;

const byId = (id) => document.getElementById(id);
const store = new Store();
const view = new PortfolioView(store);
let stream = null;
let drawDue = false;

function open() {
  stream?.close();
  stream = new EventSource("stream");
  stream.onmessage = (event) => take(JSON.parse(event.data));
  stream.onerror = () => {
    stream.close();
    setTimeout(open, AGAIN_MS);
    checkSession();
  };
}

/** Go to the login where the session has ended. */
async function checkSession() {
  try {
    const answer = await fetch("session", { cache: "no-store" });
    if (answer.status === 401) location.assign("login");
  } catch {
    // The server is away; the page says for how long.
  }
}

function take(message) {
  if (!store.take(message)) {
    open();
    return;
  }
  setClock(message.at);
  if (drawDue) return;
  drawDue = true;
  requestAnimationFrame(() => {
    drawDue = false;
    view.update();
    drawHead();
  });
}

function put(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

function drawHead() {
  const { headline, trouble, notes } = store.head;
  const quiet = silence();
  const away = quiet > SILENT_S;
  byId("headline").dataset.standing = away ? "unknown" : headline.standing;
  put(byId("headline"), away ? `no news for ${duration(quiet * 1000)}: slotwise web does not answer` : headline.sentence);
  put(byId("advice"), away ? "the numbers below are the last that came, and age" : headline.advice);
  put(byId("heard"), `updated ${duration(quiet * 1000)} ago`);
  byId("trouble").hidden = !trouble;
  put(byId("trouble"), trouble);
  document.title = `${away ? "no news" : headline.standing} - Slotwise`;
  byId("notes").hidden = !notes.length;
  const text = JSON.stringify(notes);
  if (text !== byId("notes").dataset.drawn) {
    byId("notes").dataset.drawn = text;
    put(byId("notes").firstElementChild, `What the numbers lack: ${notes.length}`);
    byId("notes").lastElementChild.replaceChildren(
      ...notes.map((note) => Object.assign(document.createElement("li"), { textContent: note })),
    );
  }
}

makeTheme(byId("theme"));
open();
setInterval(() => {
  if (!store.head) return;
  view.tick();
  drawHead();
}, TICK_MS);
