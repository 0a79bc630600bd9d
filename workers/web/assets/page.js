// The page: opens the stream, keeps the store, shows the verdict, and says when nothing comes.
import { Batches } from "./batches.js";
import { setClock, silence } from "./clock.js";
import { ContractView } from "./contract.js";
import { Day } from "./day.js";
import { fill } from "./dom.js";
import { makeRun } from "./run.js";
import { makePast } from "./past.js";
import { PortfolioView } from "./portfolio.js";
import { Store } from "./store.js";
import { drawBook, drawLines, drawQueue } from "./system.js";
import { makeTheme } from "./theme.js";
import { duration } from "./words.js";
import { Workers } from "./workers.js";

/** A frame comes each second, or each few of a large portfolio; after this long something is wrong, seconds. */
const SILENT_S = 15;
/** Ages are drawn anew this often, ms. */
const TICK_MS = 1000;
/** Time until a stream that has ended is opened again, ms. */
const AGAIN_MS = 2000;

const byId = (id) => document.getElementById(id);
const store = new Store();
const day = new Day(() => store.head && VIEWS[shown]());
const batches = new Batches(() => store.head && VIEWS[shown]());
const workers = new Workers(() => store.head && VIEWS[shown]());
const portfolio = new PortfolioView(store, day);
const contract = new ContractView(byId("view-contract"), store);
/** What is drawn anew with each frame and each second, by the view's name. */
const VIEWS = {
  portfolio: () => portfolio.update(),
  lines: () => {
    day.want();
    draw("lines", [...drawLines(store.system?.lines), ...day.draw()]);
  },
  queue: () => {
    batches.want();
    workers.want();
    draw("queue", [...drawQueue(store.system?.queue), ...batches.draw(), ...workers.draw()]);
  },
  book: () => fill(byId("book"), drawBook(store.system?.book)),
  contract: () => contract.draw(),
};
let shown = "portfolio";
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
    VIEWS[shown]();
    drawHead();
  });
}

function draw(name, parts) {
  fill(byId(`view-${name}`), parts);
}

/** Show the view that the address names. */
function route() {
  const [name, id] = location.hash.slice(1).split("/");
  shown = Object.hasOwn(VIEWS, name) ? name : "portfolio";
  for (const one of Object.keys(VIEWS)) byId(`view-${one}`).hidden = one !== shown;
  for (const link of document.querySelectorAll("nav a")) {
    if (link.hash === `#${shown}`) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  if (shown === "contract") contract.open(id ?? "");
  else if (store.head) VIEWS[shown]();
}

function put(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

function drawHead() {
  const { headline, trouble } = store.head;
  const { notes } = portfolio.store.head;
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
makePast((past) => portfolio.showPast(past));
makeRun();
addEventListener("hashchange", route);
route();
open();
setInterval(() => {
  if (!store.head) return;
  if (shown === "portfolio") portfolio.tick();
  else VIEWS[shown]();
  drawHead();
}, TICK_MS);
