/**
 * The examples of a search of configurations, byte for byte. A change that moves it on purpose updates it with
 * `npx vitest run test/golden -u` and says so in CHANGELOG.md.
 */

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { packageFolder } from "../../apps/host/node/host.ts";
import { printed } from "../command.ts";

const folder = "examples/chat-configuration";

it.each([
  ["open.yaml", "expected-search.txt"],
  ["front.yaml", "expected-front.txt"],
])("answers %s of the example as expected, as its README says", { timeout: 60_000 }, async (file, expected) => {
  const words = ["search", `${folder}/${file}`];
  expect(readFileSync(join(packageFolder(), folder, "README.md"), "utf8")).toContain(
    `windtunnel -- ${words.join(" ")}`,
  );
  await expect(await printed(words)).toMatchFileSnapshot(join(packageFolder(), folder, expected));
});
