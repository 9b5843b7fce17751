/**
 * Predicted over measured of every judged value, committed so that intervals can be made and checked without a replay:
 * evidence/training-ratios.accuracy.json and evidence/serving-ratios.accuracy.json, one line a source and class.
 */

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Ratio } from "../src/evidence/index.ts";
import { evidenceFolder } from "./evidence-files.ts";

type Domain = "training" | "serving";

interface Line extends Omit<Ratio, "ratio"> {
  readonly ratios: number[];
}

const pathOf = (domain: Domain): string => join(evidenceFolder, `${domain}-ratios.accuracy.json`);

export function writeRatios(domain: Domain, ratios: readonly Ratio[]): void {
  const lines = new Map<string, Line>();
  for (const { ratio, ...place } of ratios) {
    const key = JSON.stringify(place);
    const line = lines.get(key) ?? { ...place, ratios: [] };
    line.ratios.push(ratio);
    lines.set(key, line);
  }
  const text = [...lines.values()].map((line) => JSON.stringify(line)).join(",\n");
  writeFileSync(pathOf(domain), `[\n${text}\n]\n`);
}

export function readRatios(domain: Domain): readonly Ratio[] {
  const lines = JSON.parse(readFileSync(pathOf(domain), "utf8")) as readonly Line[];
  return lines.flatMap(({ ratios, ...place }) => ratios.map((ratio) => ({ ...place, ratio })));
}
