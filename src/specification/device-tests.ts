/**
 * Tests of one accelerator: a large matrix product, and a copy through its memory. Thresholds come from the error of the
 * kernel models on measured tables that they were not fitted on.
 */

import type { Accelerator } from "../catalog/accelerator.ts";
import { kernelError } from "../catalog/accuracy/parts.ts";
import { formatSupported, type GemmFormat, kernelsOf } from "../compute/index.ts";
import { type Draft, type Drafts, rateLimit } from "./draft.ts";
import type { Machines } from "./machines.ts";
import type { Limit, SpecifiedTest } from "./specification.ts";

/** Rows, columns and depth of the product: large enough that start-up does not count. */
const side = 8192;
const format: GemmFormat = "bf16";

/** Elements of eight bytes of one array: 1 GiB, beyond every cache. */
const elements = 2 ** 27;
const bytesPerElement = 8;

export function deviceTests({ cluster, pool }: Machines): Drafts {
  const { node, nodes } = cluster;
  const { accelerator } = node;
  const suffix = pool === undefined ? "" : `-${pool}`;
  if (!["nvidia", "amd"].includes(accelerator.vendor.toLowerCase())) {
    const reason = `no public benchmark of ${accelerator.vendor} accelerators is read`;
    return { drafts: [], notCovered: [`matrix products and memory of ${accelerator.label}: ${reason}`] };
  }
  const id = `ACC${suffix}`;
  const requirement = {
    id,
    text: `Each ${accelerator.label} computes and moves bytes as its kind was measured to.`,
    verification: "test",
  } as const;
  const common = { requirement: id, scope: "accelerator", logs: nodes } as const;
  const gemm = formatSupported(accelerator, format)
    ? [gemmTest(accelerator, { ...common, id: `${id}-GEMM` }, node.acceleratorsPerNode)]
    : [];
  const draft: Draft = {
    requirement,
    tests: [...gemm, memoryTest(accelerator, { ...common, id: `${id}-HBM` }, node.acceleratorsPerNode)],
  };
  return {
    drafts: [draft],
    notCovered: ["matrix products in other formats than bf16: the training step or the service shows them"],
  };
}

type Common = Pick<SpecifiedTest, "id" | "requirement" | "scope" | "logs">;

function gemmTest(accelerator: Accelerator, common: Common, count: number): SpecifiedTest {
  const time = kernelsOf(accelerator).gemm(format, side, side, side);
  return {
    ...common,
    kind: "gemm",
    title: `${format} product of ${side} x ${side} x ${side} on each of ${count} accelerators of a node`,
    command: gemmCommand(),
    match: { m: side, n: side, k: side, format },
    limits: [
      rateLimit({
        metric: "flopPerSecond",
        unit: "flop/s",
        formula: "2 m n k / time of the product",
        predicted: (2 * side ** 3) / time,
        error: kernelError("gemm", accelerator.generation),
        ...founded(accelerator),
        sources: ["aiconfigurator"],
      }),
    ],
  };
}

/** Prints a table of the form that `accept` reads: device,m,n,k,format,seconds. */
function gemmCommand(): string {
  const lines = [
    "import torch",
    `n = ${side}`,
    'print("device,m,n,k,format,seconds")',
    "for d in range(torch.cuda.device_count()):",
    "    torch.cuda.set_device(d)",
    "    a, b = (torch.randn(n, n, device='cuda', dtype=torch.bfloat16) for _ in 'ab')",
    "    for _ in range(20): a @ b",
    "    start, end = (torch.cuda.Event(enable_timing=True) for _ in 'ab')",
    "    start.record()",
    "    for _ in range(100): a @ b",
    "    end.record(); end.synchronize()",
    `    print(f"{d},{n},{n},{n},${format},{start.elapsed_time(end) / 1e5}")`,
  ];
  return `python3 - <<'END' | tee gemm.$(hostname).csv\n${lines.join("\n")}\nEND`;
}

function memoryTest(accelerator: Accelerator, common: Common, count: number): SpecifiedTest {
  const bytes = 2 * elements * bytesPerElement;
  const limit: Limit = rateLimit({
    metric: "copyBandwidth",
    unit: "B/s",
    formula: "bytes read and written / time of a copy",
    predicted: bytes / kernelsOf(accelerator).memoryPass(bytes),
    error: kernelError("passes", accelerator.generation),
    sources: ["vidur-profiles", "babelstream"],
  });
  const program = accelerator.vendor.toLowerCase() === "amd" ? "hip-stream" : "cuda-stream";
  return {
    ...common,
    kind: "memory",
    title: `Copy through the memory of each of ${count} accelerators of a node`,
    command: `for d in $(seq 0 ${count - 1}); do ./${program} --device $d -s ${elements}; done | tee stream.$(hostname).log`,
    match: { function: "Copy" },
    limits: [limit],
  };
}

function founded(accelerator: Accelerator): { readonly unfounded?: string } {
  const { trust, note } = kernelsOf(accelerator).basis;
  return trust === "assumed" ? { unfounded: note } : {};
}
