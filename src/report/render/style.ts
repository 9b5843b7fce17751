/** The look of a report: one column of text, light and dark by the reader's system, pages when printed. */

const light = `--paper:#fff;--ink:#1b1f24;--soft:#5c6570;--rule:#d9dee4;--wash:#f5f7f9;--mark:#eef4fb;--good:#1d7a46;
--bad:#b3261e;--unsure:#8a5a00;--c0:#2d6cb3;--c1:#dd8a33;--c2:#3f9b70;--c3:#b5485d;--c4:#7b5ea7;--c5:#c3a62f;
--c6:#3f9fb2;--c7:#99a2ad;`;
const dark = `--paper:#14171b;--ink:#e6e9ed;--soft:#9aa4b0;--rule:#343b44;--wash:#1c2127;--mark:#1d2a3a;--good:#63c78d;
--bad:#f28b82;--unsure:#e3b55b;--c0:#6aa5e6;--c1:#e6a55f;--c2:#6cc49a;--c3:#dd7f92;--c4:#a78bd3;--c5:#d9c25f;
--c6:#70c3d3;--c7:#7c8692;`;

export const style: string = `:root{color-scheme:light dark;${light}}
@media screen and (prefers-color-scheme:dark){:root{${dark}}}
*{box-sizing:border-box}
body{margin:0;background:var(--paper);color:var(--ink);font:15px/1.5 system-ui,"Segoe UI",Helvetica,Arial,sans-serif}
main{max-width:880px;margin:0 auto;padding:48px 28px 64px}
header{border-bottom:2px solid var(--ink);padding-bottom:14px;margin-bottom:22px}
h1{font-size:28px;line-height:1.2;margin:0 0 6px;letter-spacing:-.01em}
h2{font-size:20px;margin:44px 0 12px;padding-top:12px;border-top:1px solid var(--rule)}
section:first-of-type h2{margin-top:0;border-top:0;padding-top:0}
h3{font-size:15px;margin:26px 0 8px}
p{margin:0 0 12px;max-width:74ch}
.byline,.note,figcaption,caption,footer{color:var(--soft);font-size:13px}
.lead{font-size:18px;line-height:1.45}
nav{font-size:13px;color:var(--soft);columns:3;margin:18px 0 0}
nav a{color:inherit;text-decoration:none;display:block}
nav a:hover{color:var(--c0)}
.tiles{display:grid;grid-template-columns:repeat(3,1fr);gap:1px;background:var(--rule);border:1px solid var(--rule);margin:18px 0}
.tile{background:var(--paper);padding:12px 14px}
.tile b{display:block;font-size:20px;line-height:1.25;font-weight:650;font-variant-numeric:tabular-nums;overflow-wrap:anywhere}
.tile span{display:block;font-size:12px;color:var(--soft)}
.scroll{overflow-x:auto;margin:10px 0 20px}
table{border-collapse:collapse;width:100%;font-size:13px;font-variant-numeric:tabular-nums}
caption{text-align:left;padding-bottom:6px}
th{text-align:left;font-weight:600;border-bottom:1.5px solid var(--ink);padding:5px 12px 5px 0;vertical-align:bottom}
td{border-bottom:1px solid var(--rule);padding:5px 12px 5px 0;vertical-align:top;overflow-wrap:break-word}
.r{text-align:right}
tr.marked td{background:var(--mark)}
.good{color:var(--good)}.bad{color:var(--bad)}.unsure{color:var(--unsure)}.quiet{color:var(--soft)}
td:first-child{min-width:7.5em}
td.good,td.bad,td.unsure{font-weight:600}
ul{margin:0 0 14px;padding-left:20px}li{margin:3px 0}
figure{margin:18px 0 24px}
figure h3{margin:0 0 10px}
.chart{display:block;width:100%;height:auto;font-family:inherit}
.chart text{fill:var(--ink);font-size:12px}
.chart .small{fill:var(--soft);font-size:11px}
.chart .value{font-weight:600}
.grid{stroke:var(--rule);stroke-width:1}.axis{stroke:var(--soft);stroke-width:1}
.wire{stroke:var(--rule);stroke-width:1}.whisker{stroke:var(--soft);stroke-width:1.5}
.limit{stroke:var(--bad);stroke-width:1.5;stroke-dasharray:5 4}
.ideal{fill:none;stroke:var(--soft);stroke-width:1.2;stroke-dasharray:3 4}
.curve{fill:none;stroke:var(--c0);stroke-width:2.2}
${[0, 1, 2, 3, 4, 5, 6, 7].map((index) => `.c${index}{fill:var(--c${index})}`).join("")}
pre{background:var(--wash);border:1px solid var(--rule);padding:12px 14px;overflow-x:auto;font:12px/1.5 ui-monospace,Menlo,Consolas,monospace;white-space:pre-wrap}
footer{margin-top:40px;border-top:1px solid var(--rule);padding-top:10px}
@media (max-width:640px){.tiles{grid-template-columns:1fr 1fr}nav{columns:2}}
@page{size:A4;margin:16mm 15mm}
@media print{body{font-size:10pt;print-color-adjust:exact;-webkit-print-color-adjust:exact}main{max-width:none;padding:0}
section.page{break-before:page}
nav{display:none}.scroll{overflow:visible}figure,.tiles,tr{break-inside:avoid}h2,h3{break-after:avoid}pre{white-space:pre-wrap}
table{font-size:8.5pt}a{color:inherit}}
`;
