/**
 * How fast a host starts calls. Measured curves are of calls that are queued ahead of the accelerator; where every rank
 * is a process that starts each call by itself, from Python, calls cannot come faster than the slowest process starts
 * them: the ranks that are early wait inside the kernel. Processes alone are not the cause: nccl-tests with one process
 * per GPU, which queues its calls, meets the curves.
 *
 * Small all-reduces then take 39 to 40 us on H200 (a benchmark in Python), 36 to 41 us on H100 and 32 to 64 us on A100 (a
 * framework's profiler), whatever their size up to about 1 MiB: one constant for all. It belongs to the host, not to
 * the network: an engine's eager all-reduce comes every 20 us on H100, H200 and B200 and every 44 us on A100 and GB200.
 * @source ml-engineering-nccl, vidur-network, mooncake-3484, aiconfigurator-comm (eager rows of vLLM)
 */
import type { Seconds } from "../../base/quantity.ts";
import type { Launch } from "./collective.ts";

const perProcess: Seconds = 40e-6;

/** What starting it adds to a call that takes so long by itself. */
export function launchTime(launch: Launch | undefined, time: Seconds): Seconds {
  return launch === "per-process" ? Math.max(0, perProcess - time) : 0;
}
