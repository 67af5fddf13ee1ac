// The style sheet of the report, for light and dark screens and for paper.
#pragma once

#include <string_view>

#include <softf1/config.hpp>

namespace softf1::inline SOFTF1_ABI::report::detail {

// Colours: Okabe and Ito's, which those with any colour vision tell apart, made darker or lighter for enough contrast.
inline constexpr std::string_view style_sheet = R"css(
:root {
  color-scheme: light dark;
  --page: #f6f6f4; --card: #ffffff; --ink: #1c1d1f; --soft: #5c6066; --hair: #dedfdc; --line: #9a9da2;
  --blue: #0067a8; --orange: #b85000; --green: #007a5a; --violet: #9a4b86; --sky: #3a8fc4; --gold: #8f6b00;
  --right: #e3f0f8; --wrong: #fbeadd; --missed: transparent;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #131416; --card: #1c1e21; --ink: #e9eaec; --soft: #a3a8af; --hair: #33363b; --line: #6e737a;
    --blue: #62b6ea; --orange: #f0934a; --green: #3cc79d; --violet: #dd95c6; --sky: #9bd0f2; --gold: #e3bf4d;
    --right: #17334a; --wrong: #472a14;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0; background: var(--page); color: var(--ink);
  font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "DejaVu Sans", sans-serif;
}
main, header, footer { max-width: 76rem; margin: 0 auto; padding: 0 1.5rem; }
header { padding-top: 2.2rem; }
h1 { font-size: 1.75rem; line-height: 1.2; margin: 0; letter-spacing: -0.01em; overflow-wrap: anywhere; }
h2 { font-size: 1.15rem; margin: 2.4rem 0 .7rem; }
h3 { font-size: 1rem; margin: 0 0 .4rem; }
p { margin: .3rem 0; max-width: 48rem; }
.subtitle, .note, footer { color: var(--soft); }
.note { font-size: .88rem; }
footer { padding-top: 2rem; padding-bottom: 2rem; font-size: .85rem; }
nav { margin-top: .8rem; display: flex; flex-wrap: wrap; gap: .2rem 1.2rem; }
a { color: var(--blue); text-underline-offset: .15em; }
a:focus-visible, summary:focus-visible, .scroll:focus-visible { outline: 2px solid var(--blue); outline-offset: 2px; }
.facts { display: grid; grid-template-columns: repeat(auto-fill, minmax(11rem, 1fr)); gap: .6rem; margin: 1.4rem 0 0; }
.facts div, .card, figure.small, .shown {
  background: var(--card); border: 1px solid var(--hair); border-radius: 8px;
}
.facts div { padding: .55rem .8rem .6rem; }
dt { color: var(--soft); font-size: .82rem; }
dd { margin: 0; font-size: 1.12rem; font-weight: 600; overflow-wrap: anywhere; font-variant-numeric: tabular-nums; }
.facts .long { grid-column: span 2; }
.card { padding: .9rem 1.1rem; margin: 0 0 .9rem; min-width: 0; }
.plots { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 30rem), 1fr)); gap: .9rem; }
.plots .card { margin: 0; }
.tables { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 30rem), 1fr)); gap: .9rem; }
.tables { margin-bottom: .9rem; }
.tables .card { margin: 0; }
.scroll { overflow-x: auto; }
details .scroll { max-height: 24rem; overflow-y: auto; }
table { border-collapse: collapse; width: 100%; font-size: .92rem; font-variant-numeric: tabular-nums; }
th, td { text-align: left; padding: .28rem .6rem; border-bottom: 1px solid var(--hair); font-weight: 400; }
thead th { color: var(--soft); font-size: .84rem; position: sticky; top: 0; background: var(--card); }
tbody tr:last-child > * { border-bottom: 0; }
tbody tr:hover > * { background: var(--page); }
.n { text-align: right; white-space: nowrap; }
tr.best > * { font-weight: 600; }
summary { cursor: pointer; color: var(--soft); font-size: .88rem; margin-top: .4rem; }
.bars { width: auto; min-width: min(100%, 36rem); }
.bars td:last-child { width: 60%; }
.bar { background: var(--blue); height: .8em; min-width: 1px; }
figure { margin: 0; }
svg { display: block; width: 100%; height: auto; }
.legend { list-style: none; display: flex; flex-wrap: wrap; gap: .1rem 1.2rem; margin: 0 0 .3rem; padding: 0; }
.legend { font-size: .88rem; font-variant-numeric: tabular-nums; }
.legend svg { display: inline-block; width: 28px; height: 10px; margin-right: .4rem; vertical-align: middle; }
text { fill: var(--soft); font-size: 12px; font-variant-numeric: tabular-nums; }
text.name { font-size: 12.5px; }
text.marked { fill: var(--ink); font-weight: 600; }
text.small { font-size: 10px; }
text.strong { fill: var(--ink); font-weight: 600; }
.grid { stroke: var(--hair); }
.axis { stroke: var(--line); }
.mark { stroke: var(--line); stroke-dasharray: 3 3; }
.curve { fill: none; stroke-width: 2; stroke-linejoin: round; stroke-linecap: round; }
.dot { stroke: var(--card); stroke-width: 1.5; }
.curve.c1 { stroke: var(--blue); } .dot.c1 { fill: var(--blue); }
.curve.c2 { stroke: var(--orange); stroke-dasharray: 7 4; } .dot.c2 { fill: var(--orange); }
.curve.c3 { stroke: var(--green); stroke-dasharray: 1.5 4; } .dot.c3 { fill: var(--green); }
.curve.c4 { stroke: var(--violet); stroke-dasharray: 9 4 1.5 4; } .dot.c4 { fill: var(--violet); }
.curve.c5 { stroke: var(--gold); stroke-dasharray: 14 4; } .dot.c5 { fill: var(--gold); }
.curve.c6 { stroke: var(--sky); stroke-dasharray: 4 4; } .dot.c6 { fill: var(--sky); }
.positive { fill: var(--blue); }
.negative { fill: var(--orange); fill-opacity: .75; }
.threshold { stroke: var(--ink); stroke-width: 1.5; }
.interval { fill: var(--gold); fill-opacity: .16; }
.edge { stroke: var(--gold); stroke-dasharray: 1.5 2.5; }
.small .curve { stroke-width: 1.6; }
.histograms { display: grid; grid-template-columns: repeat(auto-fill, minmax(14.5rem, 1fr)); gap: .7rem; }
figure.small { padding: .5rem .6rem .4rem; }
figure.small table { font-size: .8rem; }
figure.small th, figure.small td { padding: .12rem .3rem; }
figure.small figcaption { font-size: .85rem; line-height: 1.35; margin-bottom: .2rem; overflow-wrap: anywhere; }
figure.small figcaption span { color: var(--soft); display: block; font-size: .8rem; }
.swatch { display: inline-block; width: .75em; height: .75em; border-radius: 2px; margin: 0 .35em 0 0; }
.swatch.up { background: var(--blue); }
.swatch.down { background: var(--orange); opacity: .75; }
h2 + .labels { margin: 0 0 .8rem; }
.gallery { display: grid; grid-template-columns: repeat(auto-fill, minmax(13rem, 1fr)); gap: .7rem; }
.shown { overflow: hidden; display: flex; flex-direction: column; }
.shown img, .shown .none { display: block; width: 100%; height: 10rem; object-fit: contain; background: var(--page); }
.shown .none { display: grid; place-items: center; color: var(--soft); font-size: .85rem; }
.shown figcaption { padding: .5rem .6rem .65rem; font-size: .85rem; }
.shown code { color: var(--soft); overflow-wrap: anywhere; font-size: .8rem; }
.labels { list-style: none; display: flex; flex-wrap: wrap; gap: .3rem; margin: .35rem 0 0; padding: 0; }
.labels li { border: 1px solid; border-radius: 5px; padding: 0 .42rem; font-size: .82rem; overflow-wrap: anywhere; }
.labels i { font-style: normal; font-weight: 700; margin-right: .25em; }
li.right { color: var(--blue); background: var(--right); }
li.wrong { color: var(--orange); background: var(--wrong); }
li.missed { color: var(--ink); border-style: dashed; border-color: var(--line); }
.hidden { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
@media print {
  body { background: none; }
  .scroll, details .scroll { max-height: none; overflow: visible; }
  .card, figure.small, .shown { break-inside: avoid; }
}
)css";

}  // namespace softf1::inline SOFTF1_ABI::report::detail
