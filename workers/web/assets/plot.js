// A contract's prices as a picture: a line, the band of marks, fills, and when it was not seen.
import { now } from "./clock.js";
import { clock, svg } from "./dom.js";
import { counted } from "./words.js";

/** Width and height of the picture, in its own units, and room above and below the line. */
const WIDE = 600;
const HIGH = 120;
const ROOM = 6;

/** Draw the history of a contract that has two prices or more (workers/web/contract_history.py). */
export function plot(history) {
  const { points, band, fills, gaps } = history;
  const first = points[0][0];
  const last = Math.max(points.at(-1)[0], ...gaps.map((gap) => gap.end ?? now()));
  const values = [...points.map(([, price]) => price), ...band.flatMap(([, low, high]) => [low, high])];
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const within = (at) => Math.min(Math.max(at, first), last);
  const tenths = (value) => Math.round(value * 10) / 10;
  const x = (at) => tenths(((within(at) - first) / (last - first || 1)) * WIDE);
  const y = (price) => tenths(HIGH - ROOM - ((price - low) / (high - low || 1)) * (HIGH - 2 * ROOM));
  const inferred = fills.filter((fill) => fill[3]).length;
  const picture = svg("svg", {
    class: "plot", viewBox: `0 0 ${WIDE} ${HIGH}`, preserveAspectRatio: "none", role: "img",
    "aria-label": `price from ${clock(first)} to ${clock(last)}, ${history.low} to ${history.high}`
      + `; ${counted(fills.length, "fill")}, ${inferred} inferred, ${counted(gaps.length, "time")} not seen`,
  });
  for (const gap of gaps) {
    const [begin, end] = [x(gap.begin), x(gap.end ?? last)];
    if (end > begin) picture.append(svg("rect", { class: gap.known ? "gap" : "gap doubt", x: begin, y: 0, width: end - begin, height: HIGH }));
  }
  if (band.length > 1) {
    const edges = [...band.map(([at, , upper]) => `${x(at)},${y(upper)}`), ...[...band].reverse().map(([at, lower]) => `${x(at)},${y(lower)}`)];
    picture.append(svg("polygon", { class: "band", points: edges.join(" ") }));
  }
  picture.append(svg("polyline", { points: points.map(([at, price]) => `${x(at)},${y(price)}`).join(" ") }));
  for (const [at, quantity, price, isInferred] of fills) {
    // A line without a length has round ends: a dot, whatever the picture is stretched to.
    if (price !== null) picture.append(svg("path", { class: (quantity > 0 ? "bought" : "sold") + (isInferred ? " inferred" : ""), d: `M${x(at)} ${y(price)}h0` }));
  }
  return picture;
}
