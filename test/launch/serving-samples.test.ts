/**
 * Public launches of inference engines, verbatim: each is read, predicted, and accounted for to the last setting. The
 * table is committed; `npx vitest run test/launch -u` writes it anew.
 */

import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { predictDesign } from "../../src/scenario/index.ts";
import { importSample, type Sample, samplesFolder } from "./sample-files.ts";
import { servingSamples } from "./serving-sample-files.ts";

function optionsText({ options = {} }: Sample): string {
  const { set = {}, ...rest } = options;
  const flags = Object.entries(rest).map(([name, value]) => `--${name} ${value}`);
  return [...flags, ...Object.entries(set).map(([name, value]) => `--set ${name}=${value}`)].join(" ");
}

function row(sample: Sample): string {
  const { format, read, withoutEffect, notUnderstood, scenario } = importSample(sample);
  const left = notUnderstood.map(({ flag, reason }) => `\`${flag}\`${reason === undefined ? "" : "*"}`).join(" ");
  const { model } = scenario.workload as { readonly model: string };
  const file = `${sample.path.split("/").slice(0, 2).join("/")}: ${sample.path.split("/").at(-1)}`;
  const options = optionsText(sample);
  const given = options === "" ? "" : `\`${options}\``;
  return `| ${file} | ${format} | ${model} | ${read.length} | ${withoutEffect.length} | ${left} | ${given} |`;
}

describe("public launches of engines", () => {
  it.each(servingSamples)("$path", (sample) => {
    const found = importSample(sample);
    expect(found.format).toBe(sample.format);
    for (const { flag, decides } of found.read) expect(decides.length, flag).toBeGreaterThan(0);
    // What a format knows has a reason; these files have nothing that it does not know.
    for (const { flag, reason } of [...found.withoutEffect, ...found.notUnderstood]) expect(reason, flag).toBeTruthy();
    const { feasible, metrics, verdict } = predictDesign(found.design);
    expect(feasible).toBe(true);
    expect(verdict).toBeDefined();
    expect(metrics["timePerOutputToken.mean"]).toBeGreaterThan(0);
  });

  it("are at least ten, of every engine", () => {
    expect(servingSamples.length).toBeGreaterThanOrEqual(10);
    expect(new Set(servingSamples.map(({ format }) => format))).toEqual(new Set(["vllm", "sglang", "tensorrt-llm"]));
  });

  it("give the committed table: file, settings read, without effect, not read", async () => {
    const head = [
      "# Public launches of inference engines as they are read",
      "",
      "Kept verbatim in [samples](samples/README.md); `npx vitest run test/launch -u` writes this table. Not read: settings that",
      "have an effect which is not modelled (\\*), or that are not understood.",
      "",
      "| file | format | model | read | without effect | not read | left open, and given |",
      "| --- | --- | --- | --- | --- | --- | --- |",
    ];
    const text = `${[...head, ...servingSamples.map(row)].join("\n")}\n`;
    await expect(text).toMatchFileSnapshot(join(samplesFolder, "..", "serving-table.md"));
  });
});
