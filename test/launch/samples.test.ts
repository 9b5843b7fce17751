/**
 * Public launch files, verbatim: each is read, predicted, and accounted for to the last setting. The table is committed;
 * `npx vitest run test/launch -u` writes it anew.
 */

import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { predictDesign } from "../../src/scenario/index.ts";
import { filesBelow, textOf } from "../architecture/files.ts";
import { importSample, type Sample, samples, samplesFolder } from "./sample-files.ts";

function optionsText({ options = {} }: Sample): string {
  const { set = {}, ...rest } = options;
  const flags = Object.entries(rest).map(([name, value]) => `--${name} ${value}`);
  return [...flags, ...Object.entries(set).map(([name, value]) => `--set ${name}=${value}`)].join(" ");
}

function row(sample: Sample): string {
  const { format, read, withoutEffect, notUnderstood, scenario } = importSample(sample);
  const left = notUnderstood.map(({ flag, reason }) => `\`${flag}\`${reason === undefined ? "" : "*"}`).join(" ");
  const { model } = scenario.workload as { readonly model: unknown };
  const name = typeof model === "string" ? model : "inline";
  const options = optionsText(sample);
  const file = `${sample.path.split("/").slice(0, 2).join("/")}: ${sample.path.split("/").at(-1)}`;
  return `| ${file} | ${format} | ${name} | ${read.length} | ${withoutEffect.length} | ${left} | ${options === "" ? "" : `\`${options}\``} |`;
}

describe("public launch files", () => {
  it.each(samples)("$path", (sample) => {
    const found = importSample(sample);
    expect(found.format).toBe(sample.format);
    expect(found.read.length).toBeGreaterThan(5);
    for (const { decides } of found.read) expect(decides.length).toBeGreaterThan(0);
    const { metrics } = predictDesign(found.design);
    expect(metrics.stepTime).toBeGreaterThan(0);
  });

  it("are at least twenty, of every format", () => {
    expect(samples.length).toBeGreaterThanOrEqual(20);
    expect(new Set(samples.map(({ format }) => format)).size).toBe(6);
  });

  it("name their origin and licence", () => {
    const readme = textOf("test/launch/samples/README.md");
    const kept = filesBelow("test/launch/samples", "").filter((path) => !path.endsWith("README.md"));
    for (const path of kept) expect(readme).toContain(path.replace("test/launch/samples/", ""));
  });

  it("give the committed table: file, settings read, without effect, not read", async () => {
    const head = [
      "# Public launch files as they are read",
      "",
      "Kept verbatim in [samples](samples/README.md); `npx vitest run test/launch -u` writes this table. Not read: settings that",
      "have an effect which is not modelled (\\*), or that are not understood.",
      "",
      "| file | format | model | read | without effect | not read | left open, and given |",
      "| --- | --- | --- | --- | --- | --- | --- |",
    ];
    const text = `${[...head, ...samples.map(row)].join("\n")}\n`;
    await expect(text).toMatchFileSnapshot(join(samplesFolder, "..", "table.md"));
  });
});
