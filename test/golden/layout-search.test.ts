/**
 * The example of a layout search, byte for byte. A change that moves it on purpose updates it with
 * `npx vitest run test/golden -u` and says so in CHANGELOG.md.
 */

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { runCli } from "../../apps/cli/cli.ts";
import { plainView } from "../../apps/cli/view.ts";
import { nodeHost, packageFolder } from "../../apps/host/node/host.ts";

const folder = "examples/layout-search";
const words = ["search", `${folder}/open.yaml`, "--against", `${folder}/scenario.yaml`];

it("finds the layouts of the example as expected, as its README says", { timeout: 30_000 }, async () => {
  expect(readFileSync(join(packageFolder(), folder, "README.md"), "utf8")).toContain(
    `windtunnel -- ${words.join(" ")}`,
  );
  let out = "";
  const host = nodeHost({
    folder: packageFolder(),
    readStandardInput: () => Promise.reject(new Error("examples do not read standard input")),
    message: () => undefined,
  });
  const code = await runCli(words, {
    host,
    out: (text) => {
      out += text;
    },
    error: (text) => {
      throw new Error(text);
    },
    view: plainView,
    errorView: plainView,
  });
  expect(code).toBe(0);
  await expect(out).toMatchFileSnapshot(join(packageFolder(), folder, "expected-search.txt"));
});
