import { describe, expect, it } from "vitest";
import { renderExplain } from "../../apps/cli/render/explain.ts";
import { plainView } from "../../apps/cli/view.ts";
import { memoryHost } from "../../test/memory-host.ts";
import { operations } from "./index.ts";

const host = memoryHost({
  "a.yaml": `windtunnel: 1
name: a <b> & "c"
cluster: { node: hgx-h100, nodes: 8 }
workload: { kind: training, model: llama-3.1-70b, sequenceLength: 8192, globalBatch: 256 }
layout: { tensor: 8, pipeline: 2, microBatch: 1 }
`,
});
const explain = (more: object) => operations.explain.run({ scenario: "a.yaml", ...more }, host);

describe("explain --tornado", () => {
  it("has the strongest resource first, with less and more of it on the right sides", async () => {
    const { tornado, prediction } = await explain({ tornado: "stepTime", swing: "20 %" });
    if (tornado === undefined) throw new Error("no tornado");
    expect(tornado.value).toBe(prediction.metrics.stepTime);
    const spans = tornado.bars.map(({ less, more }) => Math.abs(less.value - more.value));
    expect(spans[0]).toBe(Math.max(...spans));
    const link = tornado.bars.find(({ resource }) => resource === "scaleUpBandwidth");
    expect(link?.less.value).toBeGreaterThan(tornado.value);
    expect(link?.more.value).toBeLessThan(tornado.value);
    expect((link?.less.amount ?? 0) / (link?.more.amount ?? 1)).toBeCloseTo(0.8 / 1.2, 12);
  });

  it("is drawn as text and as one SVG without outside references", async () => {
    const output = await explain({ tornado: "stepTime", output: "t.svg" });
    const text = renderExplain(output, plainView);
    expect(text).toContain("scale-up bandwidth");
    expect(text).toContain("drawn in t.svg");
    const svg = host.files.get("t.svg") ?? "";
    expect(svg.startsWith("<svg xmlns=")).toBe(true);
    expect(svg).toContain("prefers-color-scheme:dark");
    expect(svg.replace("http://www.w3.org/2000/svg", "")).not.toMatch(/https?:|NaN|undefined|href/);
    expect(svg.match(/<(rect|text|title|svg|style)\b/g)?.length).toBe(
      (svg.match(/<\/(rect|text|title|svg|style)>/g)?.length ?? 0) + (svg.match(/<rect[^>]*\/>/g)?.length ?? 0),
    );
  });

  it.each([
    [{ tornado: "mfu" }, /no metric "mfu"/],
    [{ tornado: "stepTime", swing: "0 %" }, /more than 0/],
    [{ swing: "10 %" }, /belongs to --tornado/],
    [{ output: "t.svg" }, /belongs to --tornado/],
  ])("refuses %j", async (more, message) => {
    await expect(explain(more)).rejects.toThrow(message);
  });
});
