/** The look of a report: one column of text, light and dark by the reader's system, pages when printed. */

import { chartStyle, dark, light } from "../chart/style.ts";

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
${chartStyle}
pre{background:var(--wash);border:1px solid var(--rule);padding:12px 14px;overflow-x:auto;font:12px/1.5 ui-monospace,Menlo,Consolas,monospace;white-space:pre-wrap}
footer{margin-top:40px;border-top:1px solid var(--rule);padding-top:10px}
@media (max-width:640px){.tiles{grid-template-columns:1fr 1fr}nav{columns:2}}
@page{size:A4;margin:16mm 15mm}
@media print{body{font-size:10pt;print-color-adjust:exact;-webkit-print-color-adjust:exact}main{max-width:none;padding:0}
section.page{break-before:page}
nav{display:none}.scroll{overflow:visible}figure,.tiles,.whole,tr,thead{break-inside:avoid}caption,thead{break-after:avoid}tbody tr:first-child{break-before:avoid}h2,h3{break-after:avoid}pre{white-space:pre-wrap}
table{font-size:8.5pt}a{color:inherit}
#ask p{margin-bottom:6px}#ask .tiles{margin:10px 0}#ask .tile{padding:7px 10px}}
`;
