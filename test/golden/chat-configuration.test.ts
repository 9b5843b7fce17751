/**
 * The example of a search of configurations, byte for byte. A change that moves it on purpose updates it with
 * `npx vitest run test/golden -u` and says so in CHANGELOG.md.
 */

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { packageFolder } from "../../apps/host/node/host.ts";
import { printed } from "../command.ts";

const folder = "examples/chat-configuration";
const words = ["search", `${folder}/open.yaml`];

it("finds the configuration of the example as expected, as its README says", { timeout: 60_000 }, async () => {
  expect(readFileSync(join(packageFolder(), folder, "README.md"), "utf8")).toContain(
    `windtunnel -- ${words.join(" ")}`,
  );
  await expect(await printed(words)).toMatchFileSnapshot(join(packageFolder(), folder, "expected-search.txt"));
});
