/**
 * The example of a layout search, byte for byte. A change that moves it on purpose updates it with
 * `npx vitest run test/golden -u` and says so in CHANGELOG.md.
 */

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { packageFolder } from "../../apps/host/node/host.ts";
import { printed } from "../command.ts";

const folder = "examples/layout-search";
const words = ["search", `${folder}/open.yaml`, "--against", `${folder}/scenario.yaml`];

it("finds the layouts of the example as expected, as its README says", { timeout: 30_000 }, async () => {
  expect(readFileSync(join(packageFolder(), folder, "README.md"), "utf8")).toContain(
    `windtunnel -- ${words.join(" ")}`,
  );
  await expect(await printed(words)).toMatchFileSnapshot(join(packageFolder(), folder, "expected-search.txt"));
});
