/** `reliability:` and `storage:` against the job: defaults noted, keys that contradict each other refused. */

import { formatQuantity, type Seconds } from "../../base/quantity.ts";
import type { Cluster } from "../../catalog/cluster.ts";
import { componentRates, fewestSpares, jobRates, type StatedTimes } from "../../reliability/index.ts";
import { clustersOf, type TrainingCase } from "../../training/index.ts";
import type { Scenario } from "../schema/parse.ts";
import type { CheckpointText, ReliabilityText, StorageText } from "../schema/reliability.ts";
import type { CheckpointDesign, ReliabilityDesign } from "../training/design.ts";
import { given, type Notes, problem } from "./notes.ts";

/** Nothing where a scenario has no `reliability:`. */
export function resolveReliability(
  { reliability: written, storage }: Scenario,
  c: TrainingCase,
  tokens: number | undefined,
  notes: Notes,
): ReliabilityDesign | undefined {
  if (written === undefined) {
    const hint = "add reliability, e.g. reliability: { checkpoint: { every: 30 min } }";
    if (storage !== undefined) problem(notes, "storage", "has no effect without reliability", hint);
    return undefined;
  }
  if (written.deadline !== undefined && tokens === undefined) {
    problem(notes, "reliability.deadline", "the run has no end that it could meet", "give workload.tokens");
  }
  const clusters = clustersOf(c);
  const times = resolveTimes(written, clusters, notes);
  const detection = timeOr(notes, "detection", written.detection, {
    fallback: 600,
    reason: "not given; the time-out of collectives, where nothing watches the nodes",
  });
  const restart = timeOr(notes, "restart", written.restart, { fallback: 300, reason: "not given; assumed" });
  const repair = timeOr(notes, "repair", written.repair, { fallback: 86_400, reason: "not given; assumed" });
  const checkpoint = resolveCheckpoint(written.checkpoint ?? {}, clusters, notes);
  return {
    times,
    detection,
    restart,
    repair,
    spares: resolveSpares(written.spares, { clusters, times, repair }, notes),
    ...(written.deadline === undefined ? {} : { deadline: written.deadline }),
    checkpoint,
    store: resolveStore(storage, clusters, notes),
  };
}

function timeOr(
  notes: Notes,
  key: string,
  value: Seconds | undefined,
  { fallback, reason }: { readonly fallback: Seconds; readonly reason: string },
): Seconds {
  if (value !== undefined) return value;
  notes.assumptions.push({ path: `reliability.${key}`, value: formatQuantity(fallback, "seconds"), reason });
  return fallback;
}

/** Times as stated; what was not is noted with what it makes of the job. */
function resolveTimes({ mtbf }: ReliabilityText, clusters: readonly Cluster[], notes: Notes): StatedTimes {
  const times = mtbf ?? {};
  const assumed = componentRates(clusters, times).filter(({ origin }) => origin === "assumed");
  if (assumed.length === 0) return times;
  const names = [...new Set(clusters.map(({ node }) => node.accelerator.name))].filter(
    (name) => !name.startsWith("h100"),
  );
  const what = assumed.map(({ name, time }) => `${name} ${hours(time)}`).join(", ");
  const reason = `not given; as Llama 3's run on H100 shows${names.length === 0 ? "" : `, none is published for ${names.join(", ")}`}`;
  notes.assumptions.push({ path: "reliability.mtbf", value: what, reason });
  return times;
}

/** Times between failures are long: `108 kh`, as datasheets write them. */
function hours(time: Seconds): string {
  return `${Number((time / secondsPerKilohour).toPrecision(3))} kh`;
}

const secondsPerKilohour = 3.6e6;

/** Waiting for repaired nodes may cost this share of the time where spares are ours to choose. */
const waitingMost = 0.001;

function resolveSpares(
  written: number | undefined,
  {
    clusters,
    times,
    repair,
  }: { readonly clusters: readonly Cluster[]; readonly times: StatedTimes; readonly repair: Seconds },
  notes: Notes,
): number {
  if (written !== undefined) return written;
  const { replaced } = jobRates(componentRates(clusters, times));
  const spares = fewestSpares({ rate: replaced, repair, share: waitingMost });
  const reason = `not given; the fewest with which waiting takes less than ${formatQuantity(waitingMost, "ratio")} of the time`;
  notes.assumptions.push({ path: "reliability.spares", value: String(spares), reason });
  return spares;
}

function resolveCheckpoint(written: CheckpointText, clusters: readonly Cluster[], notes: Notes): CheckpointDesign {
  const path = "reliability.checkpoint";
  checkpointProblems(written, clusters, notes);
  const { every = "auto", stall, bytesPerParameter: perParameter, memory } = written;
  if (written.every === undefined) {
    notes.assumptions.push({
      path: `${path}.every`,
      value: "auto",
      reason: "not given; the interval with the best goodput",
    });
  }
  const usual = "not given; current stacks write beside the steps";
  const mode = given(notes, `${path}.mode`, written.mode, "async" as const, usual);
  const contents = written.contents ?? "optimizer";
  if (written.contents === undefined && perParameter === undefined) {
    notes.assumptions.push({ path: `${path}.contents`, value: contents, reason: "not given; what a restart needs" });
  }
  if (contents === "weights") {
    notes.warnings.push("checkpoints hold weights alone: the optimizer begins anew after every interruption");
  }
  return {
    every,
    mode,
    contents,
    ...(perParameter === undefined ? {} : { perParameter }),
    writers: given(notes, `${path}.writers`, written.writers, "every-rank" as const, "not given; parallel save"),
    ...(stall === undefined ? {} : { stall }),
    overhead: overheadOf(written, notes),
    ...(memory === undefined ? {} : { memory }),
  };
}

/**
 * Planning and barriers: 0.2 s where a plan is kept, 4 to 6 s where it is made anew.
 * @source byte-checkpoint
 */
const usualOverhead: Seconds = 1;

function overheadOf({ stall, overhead }: CheckpointText, notes: Notes): Seconds {
  if (overhead !== undefined || stall !== undefined) return overhead ?? 0;
  const reason = "not given; assumed, between 0.2 s with a kept plan and some seconds without";
  notes.assumptions.push({
    path: "reliability.checkpoint.overhead",
    value: formatQuantity(usualOverhead, "seconds"),
    reason,
  });
  return usualOverhead;
}

function checkpointProblems(written: CheckpointText, clusters: readonly Cluster[], notes: Notes): void {
  const path = "reliability.checkpoint";
  const { stall, memory, every } = written;
  if (stall !== undefined && written.overhead !== undefined) {
    problem(notes, `${path}.overhead`, "a stated stall holds it already", "remove one of them");
  }
  if (written.bytesPerParameter !== undefined && written.contents !== undefined) {
    problem(notes, `${path}.contents`, "bytesPerParameter replaces it", "remove one of them");
  }
  if (memory !== undefined && typeof every === "number" && memory.every >= every) {
    const message = `${formatQuantity(memory.every, "seconds")}, but checkpoints come every ${formatQuantity(every, "seconds")}`;
    problem(notes, `${path}.memory.every`, message, "copies in memory come between them");
  }
  const unknown = clusters.find(({ node }) => node.host === undefined);
  if (unknown === undefined || (stall !== undefined && memory === undefined)) return;
  const message = `missing; the link between the accelerators of ${unknown.node.name} and their host is not known`;
  if (stall === undefined) problem(notes, `${path}.stall`, message, "e.g. stall: 5 s");
  else
    problem(notes, `${path}.memory`, message.replace("missing; ", ""), "give cluster.node.host.link, or remove memory");
}

function resolveStore(
  written: StorageText | undefined,
  clusters: readonly Cluster[],
  notes: Notes,
): ReliabilityDesign["store"] {
  const least = clusters.reduce((one, other) => (portOf(other) < portOf(one) ? other : one));
  if (written?.perNode === undefined) {
    const value = formatQuantity(portOf(least), "bytesPerSecond");
    const reason = `not given; the rate of one network port of ${least.node.name}`;
    if (portOf(least) > 0) notes.assumptions.push({ path: "storage.perNode", value, reason });
    else problem(notes, "storage.perNode", `missing; ${least.node.name} has no network ports`, "e.g. perNode: 10 GB/s");
  }
  if (written === undefined) {
    const reason = "not given; the store takes and gives what the nodes send and ask for";
    notes.assumptions.push({ path: "storage.write", value: "no limit", reason });
    return {};
  }
  const { write, perNode } = written;
  if (written.read === undefined) {
    const value = formatQuantity(write, "bytesPerSecond");
    notes.assumptions.push({ path: "storage.read", value, reason: "not given; as write" });
  }
  return { write, read: written.read ?? write, ...(perNode === undefined ? {} : { perNode }) };
}

function portOf({ node }: Cluster): number {
  return node.nics.count === 0 ? 0 : node.nics.bandwidth;
}
