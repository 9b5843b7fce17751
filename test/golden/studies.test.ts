/** Studies among the examples, byte for byte; `npx vitest run test/golden -u` updates them. */

import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { packageFolder } from "../../apps/host/node/host.ts";
import { runCommand } from "../command.ts";

const examples = join(packageFolder(), "examples");
const studies = readdirSync(examples)
  .sort()
  .filter((name) => existsSync(join(examples, name, "study.yaml")));

describe.each(studies)("study %s", (name) => {
  it("is explained, and prints what is expected", async () => {
    expect(readFileSync(join(examples, name, "README.md"), "utf8")).toContain(
      `windtunnel -- sweep examples/${name}/study.yaml`,
    );
    const folder = mkdtempSync(join(tmpdir(), "windtunnel-study-"));
    const words = ["sweep", join(examples, name, "study.yaml"), "-o", "results", "--executors", "1"];
    const { code, out, error } = await runCommand(words, folder);
    expect(code, error).toBe(0);
    await expect(out).toMatchFileSnapshot(join(examples, name, "expected-study.txt"));
    rmSync(folder, { recursive: true });
  }, 60_000);
});
