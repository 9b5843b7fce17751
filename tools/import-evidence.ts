/**
 * Raw measurements to evidence records: `npm run -s import-evidence -- RAW OUT.json`. RAW is a JSON array of rows or the
 * CSV of measured serving; rows that cannot be expressed go to OUT.skipped.json with the reason. Exit 0 unless RAW
 * cannot be read.
 */

import { readFileSync, writeFileSync } from "node:fs";
import { importEvidence } from "../src/evidence/import/index.ts";

function main(): number {
  const [raw, out] = process.argv.slice(2);
  if (raw === undefined || out === undefined) {
    process.stderr.write("usage: npm run -s import-evidence -- RAW OUT.json\n");
    return 1;
  }
  let imported: ReturnType<typeof importEvidence>;
  try {
    imported = importEvidence(readFileSync(raw, "utf8"));
  } catch (error) {
    process.stderr.write(`${raw}: cannot be read: ${error instanceof Error ? error.message : String(error)}\n`);
    return 1;
  }
  writeFileSync(out, `${JSON.stringify(imported.records, null, 1)}\n`);
  const skippedPath = out.replace(/(\.json)?$/, ".skipped.json");
  writeFileSync(skippedPath, `${JSON.stringify(imported.skipped, null, 1)}\n`);
  process.stderr.write(
    `${imported.records.length} records in ${out}, ${imported.skipped.length} rows listed in ${skippedPath}\n`,
  );
  return 0;
}

process.exitCode = main();
