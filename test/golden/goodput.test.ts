/**
 * What a goodput demands, of the example, byte for byte. A change that moves it on purpose updates it with
 * `npx vitest run test/golden -u` and says so in CHANGELOG.md.
 */

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { packageFolder } from "../../apps/host/node/host.ts";
import { printed } from "../command.ts";

const folder = "examples/sixty-day-405b";

it("says what a goodput demands, as its README says", async () => {
  const readme = readFileSync(join(packageFolder(), folder, "README.md"), "utf8");
  expect(readme).toContain(`windtunnel -- explain ${folder}/scenario.yaml --goodput "95 %"`);
  const text = await printed(["explain", `${folder}/scenario.yaml`, "--goodput", "95 %"]);
  await expect(text).toMatchFileSnapshot(join(packageFolder(), folder, "expected-goodput.txt"));
});
