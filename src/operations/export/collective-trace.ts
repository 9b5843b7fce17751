/** A sweep of one collective as a trace: every size in turn, on all ranks of the group. */

import type { CollectiveDesign } from "../../scenario/index.ts";
import { everyone, type RankTrace, type Trace } from "../../workload/chakra/index.ts";
import { RankProgram } from "./rank-program.ts";
import { putIn, wholeSize } from "./rounding.ts";

/** Ranks of the trace are those of the group, in their order. Send-receive is what nccl-tests runs: each to the next. */
export function collectiveTrace({ operation, sizes, ranks: members }: CollectiveDesign): Trace {
  const ranks = members.length;
  const whole = sizes.map((size) => wholeSize(putIn(operation, size, ranks)));
  const recorded = members.map((_, rank): RankTrace => {
    const program = new RankProgram();
    whole.forEach((bytes, index) => {
      const name = `${operation} ${index}`;
      if (bytes === 0) return;
      if (operation !== "send-receive") {
        program.next({ name, kind: "collective", operation, bytes, group: everyone });
        return;
      }
      if (ranks < 2) return;
      program.together([
        { name, kind: "send", bytes, peer: (rank + 1) % ranks, tag: index },
        { name, kind: "receive", bytes, peer: (rank + ranks - 1) % ranks, tag: index },
      ]);
    });
    return { rank, nodes: program.nodes };
  });
  const groups = operation === "send-receive" ? [] : [[everyone, members.map((_, rank) => rank)] as const];
  return { ranks, recorded, groups: new Map(groups) };
}
