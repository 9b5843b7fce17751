/**
 * The example of a measured gap, byte for byte. A change that moves it on purpose updates it with
 * `npx vitest run test/golden -u` and says so in CHANGELOG.md.
 */

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { runCli } from "../../apps/cli/cli.ts";
import { plainView } from "../../apps/cli/view.ts";
import { nodeHost, packageFolder } from "../../apps/host/node/host.ts";

const folder = "examples/why-not-faster";
const words = ["explain", `${folder}/scenario.yaml`, "--measured", `${folder}/train.log`];

async function explained(flags: readonly string[]): Promise<{ code: number; out: string }> {
  let out = "";
  const host = nodeHost({
    folder: packageFolder(),
    readStandardInput: () => Promise.reject(new Error("examples do not read standard input")),
    message: () => undefined,
  });
  const code = await runCli([...words, ...flags], {
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
  return { code, out };
}

it("explains the gap of the example as expected, as its README says", async () => {
  const readme = readFileSync(join(packageFolder(), folder, "README.md"), "utf8");
  expect(readme).toContain(`windtunnel -- ${words.join(" ")}`);
  const text = await explained([]);
  expect(text.code).toBe(0);
  await expect(text.out).toMatchFileSnapshot(join(packageFolder(), folder, "expected-gap.txt"));
  const json = await explained(["--json"]);
  await expect(json.out).toMatchFileSnapshot(join(packageFolder(), folder, "expected-gap.json"));
});
