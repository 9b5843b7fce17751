/**
 * The example of a comparison, byte for byte. A change that moves it on purpose updates it with
 * `npx vitest run test/golden -u` and says so in CHANGELOG.md.
 */

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { packageFolder } from "../../apps/host/node/host.ts";
import { printed } from "../command.ts";

const folder = "examples/h100-or-b200";
const words = ["compare", `${folder}/scenario.yaml`, `${folder}/b200.yaml`];

it("compares the example as expected, as its README says", async () => {
  expect(readFileSync(join(packageFolder(), folder, "README.md"), "utf8")).toContain(
    `windtunnel -- ${words.join(" ")}`,
  );
  await expect(await printed(words)).toMatchFileSnapshot(join(packageFolder(), folder, "expected-comparison.txt"));
});
