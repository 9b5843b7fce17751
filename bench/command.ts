/** Whole runs of the built command: time from start to exit, and the most memory it held. */

import { spawnSync } from "node:child_process";

export interface CommandRun {
  readonly seconds: number;
  readonly peakMegabytes: number;
}

// Printed by the child itself when it exits: the peak resident set of the process, in KiB.
const probe = "process.on('exit',()=>process.stderr.write('peak '+process.resourceUsage().maxRSS+'\\n'))";

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
    const peak = /peak (\d+)/.exec(run.stderr)?.[1];
    if (run.status !== 0 || peak === undefined) throw new Error(`${command} failed: ${run.stderr}`);
    return { seconds, peakMegabytes: (Number(peak) * 1024) / 1e6 };
  };
  once();
  return Array.from({ length: count }, once);
}
