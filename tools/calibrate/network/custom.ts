/**
 * Fits one-node curves of the all-reduce kernels of inference engines, as CUDA graphs replay them. Sizes in the tables
 * are elements of bf16. Eager rows are left out: they hold the host's launch, 20 us and more a call.
 */
import type { CustomLibrary, CustomPlatform, MeasuredCurve } from "../../../src/catalog/calibration/network.ts";
import { curveOf, type HeldOut, pointsOf } from "./nccl.ts";
import { type Row, systemRows } from "./tables.ts";
import { targets } from "./targets.ts";

/** 16 and 128 KiB, 1, 8 and 64 MiB: the sizes of the judged records. */
export const judgedCustomExponents: readonly number[] = [14, 17, 20, 23, 26];

const libraries: readonly (readonly [folder: string, library: CustomLibrary])[] = [
  ["vllm", "vllm"],
  ["trtllm", "tensorrt-llm"],
];

export async function customPlatforms(
  sharedRoot: string,
): Promise<{ platforms: CustomPlatform[]; heldOut: HeldOut[] }> {
  const platforms: CustomPlatform[] = [];
  const heldOut: HeldOut[] = [];
  for (const [folder, library] of libraries) {
    for (const { systems, ...target } of targets) {
      const rows: Row[] = [];
      const files: string[] = [];
      for (const system of systems) {
        const table = await systemRows(sharedRoot, system, folder, "custom_allreduce_perf");
        rows.push(...table.rows.filter((row) => !/eager/i.test(String(row.kernel_source))));
        files.push(...table.files);
      }
      if (rows.length === 0) continue;
      const counts = [...new Set(rows.map((row) => Number(row.num_gpus)))].sort((a, b) => a - b);
      const curves = counts.map((ranks): MeasuredCurve => {
        const points = pointsOf(rows.filter((row) => Number(row.num_gpus) === ranks));
        const platform = `${library} ${target.name}`;
        return curveOf({ platform, operation: "all-reduce", ranks, points, judged: judgedCustomExponents }, heldOut);
      });
      platforms.push({ ...target, library, files, curves });
    }
  }
  return { platforms, heldOut };
}
