"""How the page looks: for light and dark, telephone and screen, and on paper."""

STYLE = """
:root { color-scheme: light dark; --paper: #fff; --ink: #1c2230; --faint: #5d6675; --line: #d9dee6;
  --card: #f4f6f9; --first: #2563c9; --second: #96470b; --third: #6b7686; --good: #1d8a5b;
  --bad: #c62f2f; --doubt: #a86e00; }
@media (prefers-color-scheme: dark) {
  :root { --paper: #12161d; --ink: #e6e9ee; --faint: #9aa4b2; --line: #2c3440; --card: #1b212b;
    --first: #6ea3ff; --second: #ffad66; --third: #8c97a8; --good: #4cc38a; --bad: #ff7a70;
    --doubt: #e8b339; } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 60rem; padding: 1rem; background: var(--paper);
  color: var(--ink); font: 16px/1.5 system-ui, sans-serif; }
h1 { font-size: 1.5rem; margin: 0.5rem 0; }
h2 { font-size: 1.2rem; margin: 2.5rem 0 0.25rem; border-top: 1px solid var(--line);
  padding-top: 1rem; }
h3 { font-size: 1rem; margin: 1.5rem 0 0.25rem; }
p { margin: 0.25rem 0 0.75rem; }
.faint, figcaption { color: var(--faint); font-size: 0.9rem; }
.nothing { background: var(--card); border-radius: 6px; padding: 0.6rem 0.8rem; }
dl { display: grid; grid-template-columns: repeat(auto-fill, minmax(9rem, 1fr)); gap: 0.5rem;
  margin: 1rem 0; }
dl div { background: var(--card); border-radius: 6px; padding: 0.5rem 0.75rem; }
dt { color: var(--faint); font-size: 0.85rem; }
dd { margin: 0; font-size: 1.2rem; font-variant-numeric: tabular-nums; }
figure { margin: 1rem 0; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; font-size: 0.9rem; width: 100%; }
th, td { text-align: left; padding: 0.3rem 0.8rem 0.3rem 0; border-bottom: 1px solid var(--line);
  vertical-align: top; }
th { color: var(--faint); font-weight: 600; white-space: nowrap; }
td.number, th.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
td:first-child { white-space: nowrap; }
summary { cursor: pointer; color: var(--faint); padding: 0.4rem 0; }
.key { display: inline-block; width: 0.8em; height: 0.8em; border-radius: 2px; margin: 0 0.3em 0 0;
  background: currentColor; }
.legend span { margin-right: 1rem; white-space: nowrap; }
.legend b { font-weight: normal; color: var(--ink); }
.picture { display: block; overflow: visible; }
.picture text { fill: var(--faint); font-size: 12px; stroke: var(--paper); stroke-width: 3px;
  paint-order: stroke; }
.picture text.name { fill: var(--ink); }
.rule { stroke: var(--line); }
.ahead { fill: var(--card); }
.area { opacity: 0.75; }
.line { fill: none; stroke-width: 2px; vector-effect: non-scaling-stroke; }
.track { opacity: 0.35; }
.area.first, .bar.first { fill: var(--first); } .line.first { stroke: var(--first); }
.area.second, .bar.second { fill: var(--second); } .line.second { stroke: var(--second); }
.area.third, .bar.third { fill: var(--third); } .line.third { stroke: var(--third); }
.area.good, .bar.good { fill: var(--good); } .line.good { stroke: var(--good); }
.area.bad, .bar.bad { fill: var(--bad); } .line.bad { stroke: var(--bad); }
.area.doubt, .bar.doubt { fill: var(--doubt); } .line.doubt { stroke: var(--doubt); }
.track.quiet { fill: var(--line); }
.key.first { color: var(--first); } .key.second { color: var(--second); }
.key.third { color: var(--third); } .key.good { color: var(--good); }
.key.bad { color: var(--bad); } .key.doubt { color: var(--doubt); }
@media print { .wide { overflow: visible; } h2 { break-after: avoid; } figure, tr { break-inside:
  avoid; } }
"""
