import { describe, expect, it } from "vitest";
import { htmlFaults } from "../../../test/html.ts";
import { type Chart, draw } from "../chart/index.ts";
import { rowsOf } from "../chart/rows.ts";
import { axisTicks, ticks } from "../chart/svg.ts";
import type { ReportDocument } from "../document.ts";
import { htmlOf } from "./html.ts";
import { markdownOf } from "./markdown.ts";

const nasty = `<b onload="x">&'|*_`;
const shown = (value: number): string => `${value} <s>`;

const charts: readonly Chart[] = [
  {
    type: "stacked",
    parts: [nasty, "b"],
    bars: [
      { label: nasty, values: [1, 2] },
      { label: "none", values: [0, 0] },
    ],
    shown,
  },
  { type: "tornado", rows: [{ label: nasty, less: -0.1, more: 0.2 }], lessName: "less", moreName: "more" },
  {
    type: "scaling",
    points: [
      { x: 8, y: 10 },
      { x: 16, y: 18, here: true },
    ],
    xTitle: nasty,
    yTitle: "y",
    xShown: shown,
    yShown: shown,
  },
  {
    type: "pareto",
    points: [
      { label: nasty, x: 1, y: 2, xRange: [0.5, 2], chosen: true },
      { label: "b", x: 1, y: 2 },
    ],
    xTitle: "x",
    yTitle: nasty,
    xShown: shown,
    yShown: shown,
    xLimit: 3,
    yLimit: 1,
  },
  {
    type: "timeline",
    lanes: [nasty],
    categories: [nasty],
    slices: [{ lane: 0, category: 0, start: 0, end: 2 }],
    shown,
  },
  {
    type: "percentiles",
    series: [
      {
        label: nasty,
        points: [
          { share: 0.5, value: 1 },
          { share: 0.99, value: 4 },
        ],
        targets: [{ share: 0.99, value: 3 }],
      },
    ],
    shown,
  },
  {
    type: "topology",
    tiers: [
      { name: nasty, count: 40 },
      { name: "nodes", count: 3, note: nasty },
    ],
    shown,
  },
];

const document: ReportDocument = {
  title: nasty,
  byline: nasty,
  colophon: nasty,
  sections: [
    {
      id: "ask",
      title: nasty,
      blocks: [
        { kind: "paragraph", text: nasty, role: "lead" },
        { kind: "heading", text: nasty },
        { kind: "list", items: [nasty] },
        { kind: "tiles", tiles: [{ label: nasty, value: nasty, note: nasty, tone: "bad" }] },
        {
          kind: "table",
          caption: nasty,
          columns: [{ title: nasty, align: "right" }],
          rows: [[{ text: nasty, tone: "good" }]],
        },
        { kind: "file", name: nasty, text: `a: 1\n${nasty}\n\`\`\`\n` },
        ...charts.map((chart) => ({ kind: "chart", title: nasty, caption: nasty, chart }) as const),
      ],
    },
  ],
};

describe("pages", () => {
  it("are well-formed whatever the text", () => {
    const page = htmlOf(document);
    expect(htmlFaults(page)).toEqual([]);
    expect(page).not.toContain("<b onload");
    expect(page).not.toMatch(/https?:|<script/);
    expect(htmlOf(document)).toBe(page);
  });

  it("find what is not", () => {
    expect(htmlFaults("<p>a & b</p>")).toHaveLength(1);
    expect(htmlFaults("<p><b>a</p></b>")).not.toEqual([]);
    expect(htmlFaults('<a href="#x">a</a>')).toHaveLength(1);
  });

  it.each(charts)("draw $type without coordinates that are none", (chart) => {
    expect(draw(chart, "t")).not.toMatch(/NaN|Infinity|undefined/);
  });

  it("are Markdown too: charts as rows, fences longer than the text's", () => {
    const text = markdownOf(document);
    expect(text).toContain("````yaml");
    expect(text).not.toContain("<svg");
    for (const chart of charts) expect(rowsOf(chart)?.rows.length ?? 1).toBeGreaterThan(0);
  });

  it("have round ticks", () => {
    expect(ticks(6.6)).toEqual([0, 2, 4, 6]);
    expect(ticks(0)).toEqual([0]);
    expect(ticks(0.031).length).toBeLessThanOrEqual(6);
  });

  it("have times at round days, hours and minutes, from where an axis begins", () => {
    const day = 86_400;
    expect(axisTicks({ least: 39 * day, most: 95 * day, time: true }).map((tick) => tick / day)).toEqual([40, 60, 80]);
    expect(axisTicks({ most: 7 * 3600, time: true }).map((tick) => tick / 3600)).toEqual([0, 2, 4, 6]);
    expect(axisTicks({ most: 6.6 })).toEqual(ticks(6.6));
  });

  it("keep a number with its unit, and let keys break behind dots", () => {
    const right = { title: "value", align: "right" } as const;
    const rows = [["economics.rackPower", "$1.50/h to 12.5 GB/s"]];
    const table = { kind: "table", columns: [{ title: "key" }, right], rows } as const;
    const page = htmlOf({ ...document, sections: [{ id: "t", title: "t", blocks: [table] }] });
    expect(page).toContain("economics.<wbr>rackPower");
    expect(page).toContain("$1.50/h to 12.5\u00a0GB/s");
  });
});
