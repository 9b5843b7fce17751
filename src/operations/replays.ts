/** Records of measured runs replayed: a few here, many on all cores; what is finished stays where the user stops. */

import type { Seconds } from "../base/quantity.ts";
import type { EvidenceRecord, Replayed } from "../evidence/index.ts";
import type { Files } from "../scenario/index.ts";
import type { Host, WorkSource } from "./host.ts";
import { runnerOf } from "./jobs.ts";

/** Fleets simulated; everything else is a closed form, some hundred times as quick. */
const isSimulated = ({ workload }: EvidenceRecord): boolean => workload.kind === "serving";

/** From here on threads are worth their start: simulations, or a hundredth of one for each other record. */
const simulationsMany = 8;
/** Records of one batch, where none is simulated. */
const batchMost = 32;
const progressEvery: Seconds = 2;

/** In the order of the records; those that a stopped run did not come to are left out. */
export async function replays(
  records: readonly EvidenceRecord[],
  files: Files,
  host: Host,
): Promise<readonly Replayed[]> {
  const simulated = records.filter(isSimulated).length;
  const job = { name: "replays", shared: files } as const;
  if (simulated + (records.length - simulated) / 100 < simulationsMany) {
    return runnerOf(job)(records.map((record, index) => ({ index, record }))).map(({ replayed }) => replayed);
  }
  const run = new Replays(records, host);
  await host.executor().run(job, run);
  return run.found();
}

/** Hands records out, simulations first, and takes replays back. */
class Replays implements WorkSource<"replays"> {
  private readonly finished: (Replayed | undefined)[];
  private readonly order: readonly number[];
  private readonly records: readonly EvidenceRecord[];
  private readonly host: Host;
  private handedOut = 0;
  private count = 0;
  private told: Seconds;

  constructor(records: readonly EvidenceRecord[], host: Host) {
    this.records = records;
    this.host = host;
    this.finished = records.map(() => undefined);
    this.told = host.now();
    const rows = records.map((_, index) => index);
    this.order = [...rows.filter((row) => this.isLong(row)), ...rows.filter((row) => !this.isLong(row))];
  }

  next(): ReturnType<WorkSource<"replays">["next"]> {
    const first = this.order[this.handedOut];
    if (first === undefined || this.host.cancelled()) return Promise.resolve(undefined);
    const rows = this.order.slice(this.handedOut, this.handedOut + (this.isLong(first) ? 1 : batchMost));
    this.handedOut += rows.length;
    return Promise.resolve(rows.map((index) => ({ index, record: this.records[index] as EvidenceRecord })));
  }

  done(results: Parameters<WorkSource<"replays">["done"]>[0]): Promise<void> {
    for (const { index, replayed } of results) this.finished[index] = replayed;
    this.count += results.length;
    if (this.host.now() - this.told >= progressEvery) {
      this.told = this.host.now();
      this.host.progress(`${this.count} of ${this.records.length} records replayed`);
    }
    return Promise.resolve();
  }

  found(): readonly Replayed[] {
    return this.finished.filter((each) => each !== undefined);
  }

  private isLong(row: number): boolean {
    const record = this.records[row];
    return record !== undefined && isSimulated(record);
  }
}
