/**
 * `npm run check:evidence`: imports the raw rows again, holds them against the committed records, replays all of them
 * and prints every figure that is promised beside its limit. Needs ../shared or WINDTUNNEL_SHARED; exit 1 where
 * something is missing or a limit is missed.
 */

import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import {
  type Decision,
  type EvidenceRecord,
  importEvidence,
  type Replayed,
  replay,
  reportOf,
  totalDecisions,
} from "../src/evidence/index.ts";
import { hasShared, sharedFile, sharedRoot } from "../test/shared.ts";
import { caseTable, type Figure, figures, perSource } from "./evidence-figures.ts";
import { readEvidence, recordsText, repository } from "./evidence-files.ts";
import { networkFigures, readNetworkEvidence } from "./evidence-network.ts";
import { importServing, readServingEvidence, replayServing } from "./evidence-serving.ts";
import { servingFigures, worstSets } from "./serving-figures.ts";

async function main(): Promise<number> {
  if (!hasShared()) {
    process.stderr.write(`check:evidence needs the raw rows: none at ${sharedRoot()} (set WINDTUNNEL_SHARED)\n`);
    return 1;
  }
  const imported = importEvidence(readFileSync(sharedFile("evidence/training.json"), "utf8"));
  const committed = readEvidence();
  const stale = staleRecords(imported.records, committed);
  const started = process.hrtime.bigint();
  const replayed = committed.map((record) => replay(record));
  const seconds = Number(process.hrtime.bigint() - started) / 1e9;
  printSkipped(imported.skipped, imported.records.length);
  perSource(replayed).forEach(print);
  print("");
  print(`replayed ${committed.length} records in ${seconds.toFixed(2)} s`);
  const decisions = totalDecisions(reportOf(replayed).decisions);
  const all: readonly Figure[] = [
    { name: "committed records equal the imported rows", value: `${stale.length} differ`, ok: stale.length === 0 },
    ...figures({ replayed, rows: imported.records.length + imported.skipped.length, decisions }),
  ];
  print("");
  caseTable(all).forEach(print);
  const collectives = collectiveFigures();
  const serving = await servedFigures();
  printFailed(replayed);
  printDecisions(reportOf(replayed).decisions);
  const kernels = kernelFigures();
  const missed = [...all, ...collectives, ...serving].filter(({ ok }) => ok === false).length + (kernels ? 0 : 1);
  print(missed === 0 ? "all limits met" : `${missed} limits missed`);
  return missed === 0 ? 0 : 1;
}

/** Collectives: records beside a fresh import, and their own figures. */
function collectiveFigures(): readonly Figure[] {
  const { records, skipped } = importEvidence(readFileSync(sharedFile("evidence/network.json"), "utf8"));
  const committed = readNetworkEvidence();
  const stale = staleRecords(records, committed);
  print(`\ncollectives: ${records.length} of ${records.length + skipped.length} rows; not expressible:`);
  for (const { id, reason } of skipped) print(`  ${id}: ${reason}`);
  const list = [
    { name: "committed records equal the imported rows", value: `${stale.length} differ`, ok: stale.length === 0 },
    ...networkFigures(committed.map((record) => replay(record))),
  ];
  print("");
  caseTable(list).forEach(print);
  print("");
  return list;
}

/** Serving: records beside a fresh import, and their own figures; the longest part. */
async function servedFigures(): Promise<readonly Figure[]> {
  const { records, skipped } = importServing();
  const committed = readServingEvidence();
  const stale = staleRecords(records, committed);
  print(`\nserving: ${records.length} of ${records.length + skipped.length} rows; not expressible:`);
  const reasons = new Map<string, string[]>();
  for (const { id, reason } of skipped) reasons.set(reason, [...(reasons.get(reason) ?? []), id]);
  for (const [reason, ids] of reasons) print(`  ${ids.length} (${ids.slice(0, 3).join(", ")}): ${reason}`);
  const replayed = await replayServing(committed);
  worstSets(replayed).forEach(print);
  const list = [
    { name: "committed records equal the imported rows", value: `${stale.length} differ`, ok: stale.length === 0 },
    ...servingFigures(replayed),
  ];
  print("");
  caseTable(list).forEach(print);
  print("");
  return list;
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** Records that a fresh import would change, add or drop. */
function staleRecords(fresh: readonly EvidenceRecord[], committed: readonly EvidenceRecord[]): readonly string[] {
  const texts = new Map(committed.map((record) => [record.id, recordsText([record])]));
  const changed = fresh.filter((record) => texts.get(record.id) !== recordsText([record])).map(({ id }) => id);
  const known = new Set(fresh.map(({ id }) => id));
  return [...changed, ...committed.map(({ id }) => id).filter((id) => !known.has(id))];
}

function printSkipped(skipped: readonly { readonly id: string; readonly reason: string }[], records: number): void {
  print(`expressible: ${records} of ${records + skipped.length}; not expressible:`);
  for (const { id, reason } of skipped) print(`  ${id}: ${reason}`);
  print("");
}

/** Records without a prediction, each with its reason. */
function printFailed(replayed: readonly Replayed[]): void {
  const failed = replayed.flatMap(({ lines }) =>
    lines.filter(({ primary, reason }) => primary && reason !== undefined),
  );
  if (failed.length > 0) print("\nrecords without a prediction:");
  for (const line of failed) print(`  ${line.id}: ${line.reason}`);
  print("");
}

/** The groups in which the order is missed most often. */
function printDecisions(decisions: readonly Decision[]): void {
  const missed = ({ pairs, rightOrder }: Decision): number => pairs - rightOrder;
  const worst = [...decisions].sort((a, b) => missed(b) - missed(a)).slice(0, 8);
  print("decisions missed most often (right of pairs, ties, regret):");
  for (const { group, pairs, rightOrder, cannotTell, meanRegret } of worst) {
    print(`  ${rightOrder}/${pairs}, ${cannotTell}, ${(100 * meanRegret).toFixed(1)} %  ${group}`);
  }
  print("");
}

/** The compute part's own figures, where its tool is there. */
function kernelFigures(): boolean {
  const tool = join(repository, "tools/check-kernels.ts");
  if (!existsSync(tool)) return true;
  const run = spawnSync(process.execPath, [join(repository, "node_modules/tsx/dist/cli.mjs"), tool], {
    stdio: "inherit",
  });
  return run.status === 0;
}

process.exitCode = await main();
