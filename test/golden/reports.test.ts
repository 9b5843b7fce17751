/**
 * Reports of examples, byte for byte, and what every report must hold: well-formed, self-contained, small. A change that
 * moves one on purpose updates it with `npx vitest run test/golden -u` and says so in CHANGELOG.md.
 */

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { nodeHost, packageFolder } from "../../apps/host/node/host.ts";
import { operations } from "../../src/operations/index.ts";
import { htmlFaults } from "../html.ts";

const folder = join(packageFolder(), "examples");
const examples = readdirSync(folder).filter((name) => existsSync(join(folder, name, "proposal.yaml")));
const bytesMost = 150_000;

describe.each(examples)("report of %s", (name) => {
  it("is what is committed, and a page by itself", { timeout: 300_000 }, async () => {
    let page = "";
    const host = {
      ...nodeHost({
        folder: packageFolder(),
        readStandardInput: () => Promise.reject(new Error("examples do not read standard input")),
        message: () => undefined,
      }),
      write: (_: string, text: string) => {
        page = text;
        return Promise.resolve();
      },
    };
    const question = [`examples/${name}/proposal.yaml`];
    const { bytes } = await operations.report.run({ question, output: "proposal.html" }, host);
    await expect(page).toMatchFileSnapshot(join(folder, name, "proposal.html"));
    expect(bytes).toBe(Buffer.byteLength(page));
    expect(bytes).toBeLessThan(bytesMost);
    expect(htmlFaults(page)).toEqual([]);
    expect(page).not.toMatch(/https?:|<script|<link rel="style|url\(|@import/);
    const readme = readFileSync(join(folder, name, "README.md"), "utf8");
    expect(readme).toContain(`windtunnel -- report examples/${name}/proposal.yaml -o proposal.html`);
  });
});
