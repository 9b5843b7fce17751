/**
 * Examples, byte for byte. A change that moves a prediction on purpose updates them with
 * `npx vitest run test/golden -u` and says so in CHANGELOG.md.
 */

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { runCli } from "../../apps/cli/cli.ts";
import { plainView } from "../../apps/cli/view.ts";
import { nodeHost, packageFolder } from "../../apps/host/node/host.ts";

const folder = join(packageFolder(), "examples");
const examples = readdirSync(folder).sort();

async function predicted(scenario: string, flags: readonly string[]): Promise<{ code: number; out: string }> {
  let out = "";
  const host = nodeHost({
    folder: packageFolder(),
    readStandardInput: () => Promise.reject(new Error("examples do not read standard input")),
    message: () => undefined,
  });
  const code = await runCli(["predict", scenario, ...flags], {
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

describe.each(examples)("example %s", (name) => {
  const scenario = join("examples", name, "scenario.yaml");

  it("is explained, and names the schema for editors", () => {
    expect(existsSync(join(folder, name, "README.md"))).toBe(true);
    const readme = readFileSync(join(folder, name, "README.md"), "utf8");
    expect(readme).toContain(`windtunnel -- predict examples/${name}/scenario.yaml`);
    const first = readFileSync(join(folder, name, "scenario.yaml"), "utf8").split("\n")[0];
    expect(first).toBe("# yaml-language-server: $schema=../../schema/scenario.schema.json");
  });

  it("fits, and prints what is expected", async () => {
    const text = await predicted(scenario, []);
    expect(text.code).toBe(0);
    await expect(text.out).toMatchFileSnapshot(join(folder, name, "expected.txt"));
    const json = await predicted(scenario, ["--json"]);
    await expect(json.out).toMatchFileSnapshot(join(folder, name, "expected.json"));
  });
});
