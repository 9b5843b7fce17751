/** Real signals to the real command: long work ends with what it has, and says so. */

import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, it } from "vitest";

const root = fileURLToPath(new URL("../..", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "windtunnel-interrupt-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly error: string;
}

/** Runs the command and interrupts it as soon as it has told of its progress. */
function interrupted(words: readonly string[], progress: RegExp): Promise<Ended> {
  const child = spawn(process.execPath, ["--import", "tsx", "apps/cli/main.ts", ...words], { cwd: root });
  let [out, error, sent] = ["", "", false];
  child.stdout.on("data", (data: Buffer) => {
    out += data.toString();
  });
  child.stderr.on("data", (data: Buffer) => {
    error += data.toString();
    if (sent || !progress.test(error)) return;
    sent = true;
    child.kill("SIGINT");
  });
  return new Promise((resolve) => child.on("close", (code) => resolve({ code, out, error })));
}

describe("an interruption", () => {
  it("ends a search of layouts with the best so far", { timeout: 120_000 }, async () => {
    const { code, out, error } = await interrupted(["search", "bench/gpt3-175b-4096-a100.yaml"], /covered; best/);
    expect(error).toContain("stopping after the work under way");
    expect(out).toContain("fastest layout so far, stopped early");
    expect(out).toContain("not proven: the search was stopped");
    expect(code).toBe(130);
  });

  it("ends a search of configurations with the best so far, as one document", { timeout: 120_000 }, async () => {
    const words = ["search", "examples/chat-configuration/front.yaml", "--json"];
    const { code, out } = await interrupted(words, /groups covered/);
    const answer = JSON.parse(out) as { ended: string; covered: { groups: number; simulated: number; runs: number } };
    expect(answer.ended).toBe("stopped");
    expect(answer.covered.simulated).toBeGreaterThan(0);
    expect(answer.covered.simulated).toBeLessThan(answer.covered.groups);
    expect(code).toBe(130);
  });

  it("ends a study that is bred on two threads, and keeps its points", { timeout: 120_000 }, async () => {
    // Far more points than any machine runs before it is interrupted.
    const study = readFileSync(join(root, "examples/which-cluster/study.yaml"), "utf8")
      .replace(
        "[32, 48, 64, 80, 96, 128, 160, 192]",
        `[${Array.from({ length: 200 }, (_, index) => 32 + 4 * index).join(", ")}]`,
      )
      .replace("points: 60", "points: 4000");
    expect(study).toContain("points: 4000");
    writeFileSync(join(folder, "study.yaml"), study);
    const words = ["sweep", join(folder, "study.yaml"), "-o", join(folder, "results"), "--executors", "2"];
    const { code, out } = await interrupted(words, /points\/s/);
    expect(out).toMatch(/stopped: \d+ of \d+ points, all kept/);
    const { points } = JSON.parse(readFileSync(join(folder, "results/summary.json"), "utf8")) as {
      points: { finished: number; planned: number };
    };
    expect(points.finished).toBeGreaterThan(0);
    expect(code).toBe(130);
  });
});
