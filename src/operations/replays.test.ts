import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { threadExecutor } from "../../apps/host/node/threads.ts";
import { memoryHost } from "../../test/memory-host.ts";
import { type EvidenceRecord, parseRecords, reportOf, validateRecords } from "../evidence/index.ts";
import type { Host } from "./host.ts";
import { replays } from "./replays.ts";

const read = (name: string): readonly EvidenceRecord[] => {
  const path = new URL(`../../evidence/${name}.json`, import.meta.url);
  return parseRecords(readFileSync(path, "utf8"), name);
};

/** Short runs of fleets and steps of training, in turn, so that the order is not the order of work. */
const runs = read("serving-blis").filter(({ id }) => id.includes("blis-gt") && id.includes("lite"));
const steps = [...read("vtrain"), ...read("korthikanti-2022")];
const records = [...steps.slice(0, 40), ...runs.slice(0, 8), ...steps.slice(40, 60)];

function hostWith(change: Partial<Host>): Host & { readonly messages: readonly string[] } {
  return { ...memoryHost({}), executor: () => threadExecutor(2), ...change } as never;
}

describe("replays", () => {
  it("on threads are those of this process, in the order of the records", { timeout: 120_000 }, async () => {
    const found = await replays(records, {}, hostWith({}));
    expect(found.map(({ record }) => record.id)).toEqual(records.map(({ id }) => id));
    expect(JSON.stringify(reportOf(found))).toBe(JSON.stringify(validateRecords(records)));
  });

  it("keep what is finished where they are stopped", { timeout: 120_000 }, async () => {
    let asked = 0;
    const found = await replays(records, {}, hostWith({ cancelled: () => asked++ >= 3 }));
    // Simulations are handed out first, one at a time.
    expect(found.map(({ record }) => record.id)).toEqual(runs.slice(0, 3).map(({ id }) => id));
  });

  it("of few records need no executor", async () => {
    const executor = (): never => expect.unreachable();
    expect(await replays(steps.slice(0, 3), {}, hostWith({ executor }))).toHaveLength(3);
  });
});
