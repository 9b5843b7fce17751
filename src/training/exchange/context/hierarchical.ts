/**
 * Hierarchical (a2a+p2p, USP): heads change places inside groups of neighbours, usually one scale-up domain, and keys
 * and values of the heads that a rank then has travel a ring between the groups.
 * @source fang-2024-usp @source transformer-engine-context
 */

import { allToAll, exchangedTensors, headExchange, headProblem, headShare, orderPass } from "./all-to-all.ts";
import type { ContextMethod, ContextWork } from "./method.ts";
import { ring } from "./ring.ts";

export const hierarchical: ContextMethod = {
  name: "hierarchical",
  summary: "heads change places inside a domain, keys and values travel a ring between domains",
  problem({ shape, ranks, inner }) {
    if (ranks % inner !== 0) return `${ranks} context ranks cannot be grouped by ${inner}`;
    return headProblem(shape, inner);
  },
  bytes(work) {
    const heads = allToAll.bytes(innerWork(work));
    const keys = ring.bytes(outerWork(work));
    const share = work.inner / work.ranks;
    return { forward: share * heads.forward + keys.forward, backward: share * heads.backward + keys.backward };
  },
  calls: (work) => ring.calls(outerWork(work)),
  cut: (work) => ({ shape: headShare(work, work.inner), ranks: outer(work) }),
  pass(work) {
    const order = orderPass(work, work.inner);
    if (outer(work) === 1) return order;
    const merge = ring.pass(outerWork(work));
    return {
      forwardBytes: order.forwardBytes + merge.forwardBytes,
      backwardBytes: order.backwardBytes + merge.backwardBytes,
      forwardKernels: order.forwardKernels + merge.forwardKernels,
      backwardKernels: order.backwardKernels + merge.backwardKernels,
    };
  },
  time(work, { platform, innerGroup, outerGroup, core }) {
    const heads = headExchange(work, work.inner, innerGroup, platform);
    if (outer(work) === 1) return heads;
    const keys = ring.time(outerWork(work), { platform, group: outerGroup, innerGroup, outerGroup, core });
    return { forward: heads.forward + keys.forward, backward: heads.backward + keys.backward, hidden: keys.hidden };
  },
  buffers(work) {
    const { query, keyValue, output } = exchangedTensors(work, work.inner);
    return query + keyValue + output + (outer(work) === 1 ? 0 : ring.buffers(outerWork(work)));
  },
};

function outer({ ranks, inner }: ContextWork): number {
  return ranks / inner;
}

/** What one inner group exchanges, as if the sequence were its own: the share of the whole is `inner / ranks`. */
function innerWork(work: ContextWork): ContextWork {
  return { ...work, ranks: work.inner };
}

/** The ring around the groups: fewer heads, as many tokens more. */
function outerWork(work: ContextWork): ContextWork {
  return { ...work, ranks: outer(work), inner: 1, shape: headShare(work, work.inner) };
}
