/**
 * What starting a call costs when nothing is queued ahead of it. Measured curves are of calls that are queued back to
 * back; where every rank is a process that starts each call by itself, from Python, the ranks do not arrive together and
 * a call takes longer by about the same time, whatever its size. Processes alone are not the cause: nccl-tests with one
 * process per GPU, which queues its calls, meets the curves.
 *
 * The median excess over the curves below 16 MiB is 20 us on H200 (a benchmark in Python), 19 us on H100 and 25 us on
 * A100 (a framework's profiler): one constant for all. It is a scale, not a law: single calls there vary by as much.
 * @source ml-engineering-nccl, vidur-network, mooncake-3484
 */
import type { Seconds } from "../../base/quantity.ts";
import type { Launch } from "./collective.ts";

const perProcess: Seconds = 20e-6;

/** Added to one call. */
export function launchTime(launch: Launch | undefined): Seconds {
  return launch === "per-process" ? perProcess : 0;
}
