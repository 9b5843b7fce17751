/**
 * The example of a measured table, byte for byte: the table is the model's own times with a slow rank, longer and shorter
 * micro-batches and noise put in, and the explanation must find them. `npx vitest run test/golden -u` writes both.
 */

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { packageFolder } from "../../apps/host/node/host.ts";
import { parseScenario, resolve, trainingOf } from "../../src/scenario/index.ts";
import { printed } from "../command.ts";
import { rankTable } from "../rank-table.ts";

const folder = join(packageFolder(), "examples", "slow-rank");

function explained(flags: readonly string[]): Promise<string> {
  return printed(["explain", "examples/slow-rank/scenario.yaml", ...flags]);
}

it("has the table that the model writes with a slow rank, uneven sequences and noise", async () => {
  const design = trainingOf(resolve(parseScenario(readFileSync(join(folder, "scenario.yaml"), "utf8"))));
  const options = { steps: 6, rows: "step", slowRanks: { 21: 1.12 }, lengths: 0.1, noise: 0.01, digits: 5 } as const;
  await expect(rankTable(design.training.case, options)).toMatchFileSnapshot(join(folder, "ranks.csv"));
});

it("finds what was put in", async () => {
  const text = await explained(["--ranks", "examples/slow-rank/ranks.csv"]);
  await expect(text).toMatchFileSnapshot(join(folder, "expected-ranks.txt"));
  const json = JSON.parse(await explained(["--ranks", "examples/slow-rank/ranks.csv", "--json"])) as {
    readonly stragglers: {
      readonly stepTime: number;
      readonly ideal: number;
      readonly shares: readonly { readonly time: number }[];
      readonly repairs: readonly { readonly what: string; readonly factor?: number }[];
    };
  };
  const { stepTime, ideal, shares, repairs } = json.stragglers;
  const slow = repairs.filter(({ what }) => what.startsWith("fix rank"));
  expect(slow[0]?.what).toBe("fix rank 21");
  expect(slow[0]?.factor).toBeCloseTo(1.12, 1);
  expect(shares.reduce((sum, { time }) => sum + time, 0)).toBeCloseTo(stepTime - ideal, 9);
});
