// A reconciliation that a user starts, and its report.
import { fill, make } from "./dom.js";
import { breaksTable } from "./system.js";
import { counted } from "./words.js";

const byId = (id) => document.getElementById(id);

export function makeRun() {
  byId("run").addEventListener("submit", async (event) => {
    event.preventDefault();
    const button = byId("run").querySelector("button");
    button.disabled = true;
    byId("run-said").textContent = "a worker reconciles; this takes some seconds";
    fill(byId("run-report"), []);
    byId("run-said").textContent = await run();
    button.disabled = false;
  });
}

/** Have it run, show its report, and return what to say. */
async function run() {
  try {
    const session = await fetch("session", { cache: "no-store" });
    if (!session.ok) return `refused: ${session.status}`;
    const { word } = await session.json();
    const answer = await fetch("reconcile", { method: "POST", headers: { "X-Slotwise-Word": word } });
    const isJson = answer.headers.get("Content-Type").startsWith("application/json");
    const found = isJson ? await answer.json() : { error: `refused: ${answer.status}` };
    if (!answer.ok) return found.error;
    const parts = [make("p", "", found.reason)];
    if (found.breaks.length) parts.push(breaksTable(found.breaks));
    fill(byId("run-report"), parts);
    return `${found.status}: ${found.matched} matched, ${counted(found.count, "break")}`;
  } catch {
    return "slotwise web does not answer";
  }
}
