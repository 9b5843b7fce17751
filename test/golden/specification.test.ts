/** Specifications among the examples, byte for byte; `npx vitest run test/golden -u` updates them. */

import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { packageFolder } from "../../apps/host/node/host.ts";
import { printed, runCommand } from "../command.ts";

const examples = join(packageFolder(), "examples");
const specified = readdirSync(examples).filter((name) => existsSync(join(examples, name, "spec.json")));

describe.each(specified)("specification of %s", (name) => {
  const folder = join("examples", name);

  it("is written as JSON and for people", async () => {
    const temporary = mkdtempSync(join(tmpdir(), "windtunnel-spec-"));
    const words = ["spec", join(folder, "scenario.yaml"), "-o", join(temporary, "spec.json")];
    const { code, error } = await runCommand(words);
    expect(code, error).toBe(0);
    await expect(readFileSync(join(temporary, "spec.json"), "utf8")).toMatchFileSnapshot(
      join(examples, name, "spec.json"),
    );
    rmSync(temporary, { recursive: true });
    await expect(await printed(["spec", join(folder, "scenario.yaml")])).toMatchFileSnapshot(
      join(examples, name, "expected-spec.md"),
    );
  });

  it("judges the logs beside it", async () => {
    const logs = readdirSync(join(examples, name, "logs")).sort();
    const words = ["accept", join(folder, "spec.json"), ...logs.map((log) => join(folder, "logs", log))];
    const { code, out } = await runCommand(words);
    expect(code).toBe(2);
    await expect(out).toMatchFileSnapshot(join(examples, name, "expected-accept.txt"));
  });
});
