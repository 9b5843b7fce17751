/**
 * The committed error of the models: `npx tsx tools/accuracy.ts` replays evidence/*.json and writes
 * evidence/accuracy.json, evidence/training-ratios.accuracy.json and src/catalog/accuracy/accuracy.generated.ts. With `--import` the records themselves are
 * first imported again from the raw rows (../shared or WINDTUNNEL_SHARED).
 */

import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { AccuracyFile } from "../src/evidence/index.ts";
import { accuracyFile, accuracyTableOf, importEvidence, ratiosOf, replay } from "../src/evidence/index.ts";
import { sharedFile } from "../test/shared.ts";
import { generatedAccuracy } from "./accuracy-text.ts";
import { accuracyPath, readEvidence, repository, writeEvidence } from "./evidence-files.ts";
import { writeRatios } from "./ratios-file.ts";

const generatedPath = join(repository, "src/catalog/accuracy/accuracy.generated.ts");

/** One record a line. */
export function accuracyText(file: AccuracyFile): string {
  const { records, ...head } = file;
  const lines = Object.entries(records).map(([id, errors]) => `  ${JSON.stringify(id)}: ${JSON.stringify(errors)}`);
  const top = JSON.stringify(head, null, 1).replace(/\n\}$/, "");
  return `${top},\n "records": {\n${lines.join(",\n")}\n }\n}\n`;
}

/** Records whose |error| grew or shrank by more than a tenth of a per cent. */
function changes(before: AccuracyFile, after: AccuracyFile): { readonly worse: string[]; readonly better: string[] } {
  const worse: string[] = [];
  const better: string[] = [];
  for (const [id, errors] of Object.entries(after.records)) {
    for (const [metric, error] of Object.entries(errors)) {
      const old = before.records[id]?.[metric];
      if (typeof error !== "number" || typeof old !== "number") continue;
      const grown = Math.abs(error) - Math.abs(old);
      if (grown > 1e-3) worse.push(id);
      if (grown < -1e-3) better.push(id);
    }
  }
  return { worse, better };
}

function main(): void {
  if (process.argv.includes("--import")) {
    const raw = sharedFile("evidence/training.json");
    writeEvidence(importEvidence(readFileSync(raw, "utf8")).records);
  }
  const replayed = readEvidence().map((record) => replay(record));
  const file = accuracyFile(replayed);
  if (existsSync(accuracyPath)) {
    const { worse, better } = changes(JSON.parse(readFileSync(accuracyPath, "utf8")) as AccuracyFile, file);
    process.stderr.write(`${better.length} records better, ${worse.length} worse than the committed file\n`);
  }
  writeFileSync(accuracyPath, accuracyText(file));
  writeRatios("training", ratiosOf(replayed));
  writeFileSync(generatedPath, generatedAccuracy("accuracyTable", "tools/accuracy.ts", accuracyTableOf(replayed)));
  process.stdout.write(`${JSON.stringify(file.summary, null, 1)}\n`);
}

if (process.argv[1]?.endsWith("accuracy.ts")) main();
