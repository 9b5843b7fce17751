/** Whole runs of the built command: time from start to exit, and the most memory it held. */

import { spawnSync } from "node:child_process";

export interface CommandRun {
  readonly seconds: number;
  /** User and system time of the process, its start included. */
  readonly cpuSeconds: number;
  readonly peakMegabytes: number;
}

// Printed by the child itself when it exits: the peak resident set of the process in KiB, its processor time in us. What
// resourceUsage calls the peak is never less than the parent's memory when it started the child, so Linux is asked.
const probe = `import { readFileSync } from "node:fs";
process.on("exit", () => {
  const used = process.resourceUsage();
  const [, peak = used.maxRSS] =
    process.platform === "linux" ? /VmHWM:\\s*(\\d+)/.exec(readFileSync("/proc/self/status", "utf8")) : [];
  process.stderr.write("peak " + peak + " cpu " + (used.userCPUTime + used.systemCPUTime) + "\\n");
});`;

/** Runs `node COMMAND ARGUMENTS` `count` times after one run that warms the file cache. Throws when a run fails. */
export function commandRuns(command: string, given: readonly string[], count: number): readonly CommandRun[] {
  const once = (): CommandRun => {
    const start = process.hrtime.bigint();
    const run = spawnSync(
      process.execPath,
      ["--import", `data:text/javascript,${encodeURIComponent(probe)}`, command, ...given],
      { encoding: "utf8" },
    );
    const seconds = Number(process.hrtime.bigint() - start) / 1e9;
    const [, peak, cpu] = /peak (\d+) cpu (\d+)/.exec(run.stderr) ?? [];
    if (run.status !== 0 || peak === undefined) throw new Error(`${command} failed: ${run.stderr}`);
    return { seconds, cpuSeconds: Number(cpu) / 1e6, peakMegabytes: (Number(peak) * 1024) / 1e6 };
  };
  once();
  return Array.from({ length: count }, once);
}
