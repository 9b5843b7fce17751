import { describe, expect, it } from "vitest";
import type { Executor } from "../../../src/operations/host.ts";
import { inProcessExecutor } from "../../../src/operations/in-process.ts";
import type { Job, JobResult } from "../../../src/operations/jobs.ts";
import { threadExecutor } from "./threads.ts";

const job: Job<"study-points"> = {
  name: "study-points",
  shared: {
    base: {
      windtunnel: 1,
      name: "s",
      cluster: { node: "hgx-h100", nodes: 4 },
      workload: { kind: "training", model: "llama-3.1-8b", sequenceLength: 8192, globalBatch: 128 },
      layout: { microBatch: 1 },
    },
    fields: [["layout", "tensor"]],
    files: {},
  },
};

async function results(executor: Executor): Promise<readonly JobResult<"study-points">[]> {
  const tasks = [1, 2, 3, 4, 8].map((tensor) => ({ key: `tensor ${tensor}`, values: [tensor] }));
  const found: JobResult<"study-points">[] = [];
  let next = 0;
  await executor.run(job, {
    next: () => Promise.resolve(next < tasks.length ? tasks.slice(next, ++next) : undefined),
    done(batch) {
      found.push(...batch);
      return Promise.resolve();
    },
  });
  return found.sort((a, b) => (a.outcome.key < b.outcome.key ? -1 : 1));
}

describe("worker threads", () => {
  it("give what this process gives, to the last digit", async () => {
    const here = await results(inProcessExecutor);
    expect(here.map(({ outcome }) => outcome.status)).toContain("refused");
    expect(JSON.stringify(await results(threadExecutor(2)))).toBe(JSON.stringify(here));
  }, 60_000);

  it("end with what the source throws", async () => {
    const failing = {
      next: () => Promise.resolve([{ key: "a", values: [1] }]),
      done: () => Promise.reject(new Error("disk")),
    };
    await expect(threadExecutor(1).run(job, failing)).rejects.toThrow("disk");
  }, 60_000);
});
