/**
 * Examples, byte for byte. A change that moves a prediction on purpose updates them with
 * `npx vitest run test/golden -u` and says so in CHANGELOG.md.
 */

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { packageFolder } from "../../apps/host/node/host.ts";
import { printed } from "../command.ts";

const folder = join(packageFolder(), "examples");
/** Studies alone are in studies.test.ts. */
const examples = readdirSync(folder)
  .filter((name) => existsSync(join(folder, name, "scenario.yaml")))
  .sort();

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
    await expect(await printed(["predict", scenario])).toMatchFileSnapshot(join(folder, name, "expected.txt"));
    await expect(await printed(["predict", scenario, "--json"])).toMatchFileSnapshot(
      join(folder, name, "expected.json"),
    );
  });
});
