/**
 * Checks what would be published: packs the package, installs it in an empty folder and runs its command there;
 * then repeats the tests and the command under Node 24, whose real binary comes through npm. Output must be the
 * same bytes under both. Skips with a reason where no registry answers.
 */

import { execFileSync, spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const repository = join(dirname(fileURLToPath(import.meta.url)), "..");
const nodeMajor = "24";

/** Runs every check; returns the closing line. */
function check(): string {
  const silent = registrySilence();
  if (silent !== undefined) return `skipped: no package registry answers (${silent})`;
  const folder = mkdtempSync(join(tmpdir(), "windtunnel-release-"));
  try {
    const command = install(folder);
    checkCommand(folder, command);
    checkExports(folder);
    const node = otherNode();
    if (node === undefined)
      return `passed, without Node ${nodeMajor}: no binary for ${process.platform}-${process.arch}`;
    checkSameBytes(folder, command, node);
    say(`tests under Node ${version(node)}`);
    run(node, [join(repository, "node_modules/vitest/vitest.mjs"), "run"], repository, "inherit");
    return "passed";
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Why the registry cannot be used, or undefined when it answers. */
function registrySilence(): string | undefined {
  const asked = spawnSync("npm", ["view", "zod", "version", "--fetch-retries=0"], { encoding: "utf8" });
  return asked.status === 0 ? undefined : (asked.stderr.trim().split("\n")[0] ?? "npm failed");
}

/** Packs the package, installs it in an empty folder and returns the path of its command there. */
function install(folder: string): string {
  say("pack");
  run("npm", ["pack", "--silent", "--pack-destination", folder], repository);
  const tarball = readdirSync(folder).find((name) => name.endsWith(".tgz"));
  if (tarball === undefined) throw new Error("npm pack left no tarball");
  writeFileSync(join(folder, "package.json"), JSON.stringify({ name: "empty", private: true }));
  say(`install ${tarball} in an empty folder`);
  run("npm", ["install", "--no-audit", "--no-fund", "--silent", `./${tarball}`], folder);
  return join(folder, "node_modules/windtunnel/dist/apps/cli/main.mjs");
}

/** The time that a prediction of each kind gives. */
const times = ["stepTime", "endToEndLatency.mean", "time", "slowdown.max"];

/** The command must answer as in the repository, with what ships beside it: by its name, and with one JSON document. */
function checkCommand(folder: string, command: string): void {
  const bin = join(folder, "node_modules/.bin/windtunnel");
  // All records that ship take ten minutes: one file of them shows that they are found and can be held against.
  const records = join(folder, "node_modules/windtunnel/evidence/korthikanti-2022.json");
  for (const words of [["--help"], ["catalog"], ["predict", ...examples(folder).slice(0, 1)], ["validate", records]]) {
    const started = performance.now();
    run(bin, words, folder);
    say(`windtunnel ${words[0]}: ${((performance.now() - started) / 1000).toFixed(2)} s from start to answer`);
  }
  for (const answer of predictions(process.execPath, folder, command)) {
    const { metrics } = JSON.parse(answer) as { metrics: Record<string, number> };
    const time = times.map((name) => metrics[name]).find((value) => value !== undefined);
    if (!((time ?? 0) > 0)) throw new Error("the installed command predicts no time");
  }
}

/** Every export of the package must load in a program of somebody else's. */
function checkExports(folder: string): void {
  const { exports } = JSON.parse(readFileSync(join(repository, "package.json"), "utf8")) as { exports: object };
  const names = Object.keys(exports).filter((name) => !name.endsWith(".json"));
  const program = names.map((name) => `await import(${JSON.stringify(`windtunnel${name.slice(1)}`)});`).join("\n");
  run(process.execPath, ["--input-type=module", "--eval", program], folder);
  say(`${names.length} exports load`);
}

/** Node of another major version through npm, in a folder that git ignores; undefined where none is published. */
function otherNode(): string | undefined {
  const home = join(repository, ".matrix");
  const node = join(home, `node_modules/n${nodeMajor}/bin/node`);
  const wanted = `n${nodeMajor}@npm:node-${process.platform}-${process.arch}@${nodeMajor}`;
  if (!existsSync(node)) {
    say(`install ${wanted}`);
    const asked = spawnSync("npm", [
      "install",
      "--prefix",
      home,
      "--ignore-scripts",
      "--no-audit",
      "--no-fund",
      wanted,
    ]);
    if (asked.status !== 0 || !existsSync(node)) return undefined;
    chmodSync(node, 0o755);
  }
  return node;
}

function checkSameBytes(folder: string, command: string, node: string): void {
  const here = predictions(process.execPath, folder, command).join("");
  if (here !== predictions(node, folder, command).join("")) {
    throw new Error(`predictions differ between Node ${process.versions.node} and ${version(node)}`);
  }
  say(`predictions of ${examples(folder).length} examples are the same bytes under Node ${version(node)}`);
}

/** Every example that comes with the package, predicted, as the command's JSON. */
function predictions(node: string, folder: string, command: string): string[] {
  return examples(folder).map((example) => run(node, [command, "predict", example, "--json"], folder));
}

function examples(folder: string): string[] {
  const home = join(folder, "node_modules/windtunnel/examples");
  const found = readdirSync(home)
    .sort()
    .map((name) => join(home, name, "scenario.yaml"))
    .filter((path) => existsSync(path));
  if (found.length === 0) throw new Error("the package ships no example");
  return found;
}

function version(node: string): string {
  return execFileSync(node, ["--version"], { encoding: "utf8" }).trim().slice(1);
}

/** Runs a program to its end and returns its output; throws with what it said when it fails. */
function run(program: string, words: readonly string[], folder: string, output: "pipe" | "inherit" = "pipe"): string {
  const result = spawnSync(program, [...words], {
    cwd: folder,
    encoding: "utf8",
    stdio: ["ignore", output, output],
    maxBuffer: Number.POSITIVE_INFINITY,
  });
  if (result.status === 0) return result.stdout ?? "";
  const said = `${result.stdout ?? ""}${result.stderr ?? ""}`.trim();
  throw new Error(`${program} ${words.join(" ")} ended with ${result.status ?? result.signal}\n${said}`);
}

function say(text: string): void {
  process.stdout.write(`check:release  ${text}\n`);
}

try {
  say(check());
} catch (error) {
  say(`failed: ${error instanceof Error ? error.message : error}`);
  process.exitCode = 1;
}
