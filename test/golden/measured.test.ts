/**
 * The example of a measured gap, byte for byte. A change that moves it on purpose updates it with
 * `npx vitest run test/golden -u` and says so in CHANGELOG.md.
 */

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { packageFolder } from "../../apps/host/node/host.ts";
import { printed } from "../command.ts";

const folder = "examples/why-not-faster";
const words = ["explain", `${folder}/scenario.yaml`, "--measured", `${folder}/train.log`];

it("explains the gap of the example as expected, as its README says", async () => {
  const readme = readFileSync(join(packageFolder(), folder, "README.md"), "utf8");
  expect(readme).toContain(`windtunnel -- ${words.join(" ")}`);
  await expect(await printed(words)).toMatchFileSnapshot(join(packageFolder(), folder, "expected-gap.txt"));
  await expect(await printed([...words, "--json"])).toMatchFileSnapshot(
    join(packageFolder(), folder, "expected-gap.json"),
  );
});
