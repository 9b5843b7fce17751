/** Prints the errors of the closed forms: `npx tsx tools/calibrate/network/report.ts [all]`. */
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { bandOf, type Judged, judge } from "./judge.ts";
import { mean, median } from "./tables.ts";

const repository: string = join(dirname(fileURLToPath(import.meta.url)), "../../..");
const rows = judge(process.env.WINDTUNNEL_SHARED ?? join(repository, "..", "shared"));

function table(title: string, keyOf: (row: Judged) => string, selected: readonly Judged[]): void {
  const groups = new Map<string, Judged[]>();
  for (const row of selected) groups.set(keyOf(row), [...(groups.get(keyOf(row)) ?? []), row]);
  process.stdout.write(`\n${title}: points, mean |error|, median |error|, bias (percent)\n`);
  for (const [key, list] of [...groups].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const errors = list.map((row) => row.error * 100);
    const absolute = errors.map(Math.abs);
    const line = [mean(absolute), median(absolute), mean(errors)].map((value) => value.toFixed(1).padStart(7)).join("");
    process.stdout.write(`${key.padEnd(52)}${String(list.length).padStart(5)}${line}\n`);
  }
}

const tables = rows.filter((row) => row.group === "tables");
table("one-node tables, sizes never fitted", (row) => `${row.platform} ${row.operation} ${bandOf(row.size)}`, tables);
table(
  "by operation",
  (row) => `${row.group} ${row.operation} ${bandOf(row.size)}`,
  rows.filter((row) => row.group !== "experts"),
);
table(
  "experts",
  (row) => row.id,
  rows.filter((row) => row.group === "experts"),
);
table(
  "independent, one by one",
  (row) => `${row.id}${row.domains > 1 ? ", nodes" : ""}${row.informed ? ", informed" : ""}`,
  rows.filter((row) => row.group === "independent" || row.group === "vidur"),
);
if (process.argv.includes("all")) {
  for (const row of rows) {
    const cells = [
      row.id,
      row.operation,
      row.ranks,
      row.size,
      (row.measured * 1e6).toFixed(1),
      (row.predicted * 1e6).toFixed(1),
    ];
    process.stdout.write(`${cells.join(" ")} ${(row.error * 100).toFixed(1)}%\n`);
  }
}
