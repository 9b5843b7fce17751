/** Every command and program that the documents show runs as it stands. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { filesBelow, repository, textOf } from "../architecture/files.ts";

const prefix = "npm run -s windtunnel -- ";

interface Block {
  readonly language: string;
  readonly text: string;
}

function blocksOf(document: string): Block[] {
  const found = textOf(document).matchAll(/^```(\w+)\n([\s\S]*?)^```$/gm);
  return [...found].map((match) => ({ language: match[1] as string, text: match[2] as string }));
}

const documents = ["README.md", "CONTRIBUTING.md", "ARCHITECTURE.md", ...filesBelow("docs", ".md")];
const commands = documents.flatMap((document) =>
  blocksOf(document)
    .filter(({ language }) => language === "sh")
    .flatMap(({ text }) => text.split("\n"))
    .filter((line) => line.startsWith(prefix))
    .map((line) => ({ document, words: line.slice(prefix.length).trim().split(/\s+/) })),
);
const tsx = pathToFileURL(createRequire(import.meta.url).resolve("tsx")).href;

let folder = "";

/** A folder like a checkout in which a reader has saved the README's scenario. */
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "windtunnel-documents-"));
  for (const name of ["examples", "evidence"]) symlinkSync(join(repository, name), join(folder, name));
  const scenario = blocksOf("README.md").find(({ language }) => language === "yaml");
  writeFileSync(join(folder, "first.yaml"), scenario?.text ?? "");
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

function node(words: readonly string[]): { status: number | null; said: string; output: string } {
  const result = spawnSync(process.execPath, ["--import", tsx, ...words], { cwd: folder, encoding: "utf8" });
  return { status: result.status, said: result.stderr, output: result.stdout };
}

describe("documents", () => {
  it("show commands", () => {
    expect(commands.length).toBeGreaterThan(5);
  });

  it.each(commands)("$document: windtunnel $words", ({ words }) => {
    const { status, said, output } = node([join(repository, "apps/cli/main.ts"), ...words]);
    expect(status, said).toBe(0);
    expect(output).not.toBe("");
    if (words.includes("--json")) expect(() => JSON.parse(output)).not.toThrow();
  });

  it("the README's program runs", () => {
    const program = blocksOf("README.md").find(({ language }) => language === "ts")?.text ?? "";
    const entry = pathToFileURL(join(repository, "src/index.ts")).href;
    expect(program).toContain('from "windtunnel"');
    writeFileSync(join(folder, "program.mts"), program.replace('"windtunnel"', JSON.stringify(entry)));
    const { status, said, output } = node([join(folder, "program.mts")]);
    expect(status, said).toBe(0);
    expect(output).toMatch(/^(fits|tight) [\d.]+ 0\.\d+\n$/);
  });

  it("the README's test command is what .ci/run runs", () => {
    const [test] = blocksOf("README.md").filter(({ text }) => text.includes("npm test"));
    expect(textOf(".ci/run").trimEnd().split("\n")).toContain(test?.text.trim());
  });

  it("ARCHITECTURE.md stays short", () => {
    expect(textOf("ARCHITECTURE.md").trimEnd().split("\n").length).toBeLessThanOrEqual(120);
  });
});
