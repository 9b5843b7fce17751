/**
 * Reports of examples, byte for byte, and what every report must hold: well-formed, self-contained, small. A change that
 * moves one on purpose updates it with `npx vitest run test/golden -u` and says so in CHANGELOG.md.
 */

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { nodeHost, packageFolder } from "../../apps/host/node/host.ts";
import { operations } from "../../src/operations/index.ts";
import { htmlFaults } from "../html.ts";

const folder = join(packageFolder(), "examples");
/** An example may ask more than one question of the same choice: `proposal.yaml`, `proposal-serving.yaml`. */
const proposals = readdirSync(folder).flatMap((name) =>
  readdirSync(join(folder, name))
    .filter((file) => /^proposal(-[a-z]+)?\.yaml$/.test(file))
    .map((file) => ({ name, file })),
);
const bytesMost = 200_000;

describe.each(proposals)("report of $name/$file", ({ name, file }) => {
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
    const question = [`examples/${name}/${file}`];
    const { bytes } = await operations.report.run({ question, output: "proposal.html" }, host);
    await expect(page).toMatchFileSnapshot(join(folder, name, file.replace(/yaml$/, "html")));
    expect(bytes).toBe(Buffer.byteLength(page));
    expect(bytes).toBeLessThan(bytesMost);
    expect(htmlFaults(page)).toEqual([]);
    expect(page).not.toMatch(/https?:|<script|<link rel="style|url\(|@import/);
    const readme = readFileSync(join(folder, name, "README.md"), "utf8");
    expect(readme).toContain(`windtunnel -- report examples/${name}/${file} -o ${file.replace(/yaml$/, "html")}`);
  });
});
