/** Colours of pages and charts as CSS variables, and the classes that charts are drawn with. */

export const light = `--paper:#fff;--ink:#1b1f24;--soft:#5c6570;--rule:#d9dee4;--wash:#f5f7f9;--mark:#eef4fb;--good:#1d7a46;
--bad:#b3261e;--unsure:#8a5a00;--c0:#2d6cb3;--c1:#dd8a33;--c2:#3f9b70;--c3:#b5485d;--c4:#7b5ea7;--c5:#c3a62f;
--c6:#3f9fb2;--c7:#99a2ad;`;
export const dark = `--paper:#14171b;--ink:#e6e9ed;--soft:#9aa4b0;--rule:#343b44;--wash:#1c2127;--mark:#1d2a3a;--good:#63c78d;
--bad:#f28b82;--unsure:#e3b55b;--c0:#6aa5e6;--c1:#e6a55f;--c2:#6cc49a;--c3:#dd7f92;--c4:#a78bd3;--c5:#d9c25f;
--c6:#70c3d3;--c7:#7c8692;`;

export const chartStyle: string = `.chart text{fill:var(--ink);font-size:12px}
.chart .small{fill:var(--soft);font-size:11px}
.chart .value{font-weight:600}
.chart .halo{paint-order:stroke;stroke:var(--paper);stroke-width:4px;stroke-linejoin:round}
.grid{stroke:var(--rule);stroke-width:1}.axis{stroke:var(--soft);stroke-width:1}
.wire{stroke:var(--rule);stroke-width:1}.whisker{stroke:var(--soft);stroke-width:1.5}
.limit{stroke:var(--bad);stroke-width:1.5;stroke-dasharray:5 4}
.ideal{fill:none;stroke:var(--soft);stroke-width:1.2;stroke-dasharray:3 4}
.curve{fill:none;stroke:var(--c0);stroke-width:2.2}
${[0, 1, 2, 3, 4, 5, 6, 7].map((index) => `.c${index}{fill:var(--c${index})}`).join("")}`;
