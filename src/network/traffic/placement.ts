/**
 * Where jobs sit: on accelerators that they name, or on nodes that are dealt to them. Nodes are dealt whole, in the
 * order of the jobs, from those that nobody named.
 * packed: the next free ones; scattered: drawn at random; alternate: in turn with the other jobs that alternate.
 */

import type { RandomStream } from "../../base/random.ts";

export type Placement = "packed" | "scattered" | "alternate";

/** Accelerators by name, or so many to be placed. */
export type PlacementRequest =
  | { readonly accelerators: readonly number[] }
  | { readonly count: number; readonly placement: Placement };

export interface PlacementProblem {
  /** Number of the job. */
  readonly job: number;
  readonly message: string;
}

export interface PlacedJobs {
  /** Accelerators of each job, in rank order. */
  readonly accelerators: readonly (readonly number[])[];
  readonly problems: readonly PlacementProblem[];
}

export function placeJobs(
  cluster: { readonly accelerators: number; readonly acceleratorsPerNode: number },
  requests: readonly PlacementRequest[],
  stream: RandomStream,
): PlacedJobs {
  const problems: PlacementProblem[] = [];
  const owners = namedOwners(cluster.accelerators, requests, problems);
  const free = freeNodes(cluster, owners);
  const dealt = dealNodes(cluster.acceleratorsPerNode, requests, { free, stream, problems });
  const accelerators = requests.map((request, job) => {
    if ("accelerators" in request) return request.accelerators;
    const each = cluster.acceleratorsPerNode;
    const members = (dealt[job] ?? []).flatMap((node) =>
      Array.from({ length: each }, (_, local) => node * each + local),
    );
    return members.slice(0, request.count);
  });
  return { accelerators, problems };
}

/** Which job named each accelerator; -1 where none did. */
function namedOwners(count: number, requests: readonly PlacementRequest[], problems: PlacementProblem[]): Int32Array {
  const owners = new Int32Array(count).fill(-1);
  requests.forEach((request, job) => {
    if (!("accelerators" in request)) return;
    const missing = request.accelerators.find((accelerator) => !(accelerator >= 0 && accelerator < count));
    if (missing !== undefined) {
      problems.push({ job, message: `there is no accelerator ${missing}: they are 0 to ${count - 1}` });
      return;
    }
    const taken = request.accelerators.find((accelerator) => owners[accelerator] !== -1);
    if (taken !== undefined) problems.push({ job, message: `accelerator ${taken} is taken already` });
    for (const accelerator of request.accelerators) owners[accelerator] = job;
  });
  return owners;
}

function freeNodes(
  { accelerators, acceleratorsPerNode: each }: { readonly accelerators: number; readonly acceleratorsPerNode: number },
  owners: Int32Array,
): number[] {
  const nodes: number[] = [];
  for (let node = 0; (node + 1) * each <= accelerators; node++) {
    if (owners.subarray(node * each, (node + 1) * each).every((owner) => owner === -1)) nodes.push(node);
  }
  return nodes;
}

/** Nodes of each job that is placed. */
function dealNodes(
  perNode: number,
  requests: readonly PlacementRequest[],
  {
    free,
    stream,
    problems,
  }: { readonly free: readonly number[]; readonly stream: RandomStream; readonly problems: PlacementProblem[] },
): readonly (readonly number[])[] {
  const dealt: number[][] = requests.map(() => []);
  const wanted = requests.map((request) => ("count" in request ? Math.ceil(request.count / perNode) : 0));
  let left = [...free];
  const take = (job: number, nodes: readonly number[]): void => {
    dealt[job]?.push(...nodes);
    const gone = new Set(nodes);
    left = left.filter((node) => !gone.has(node));
  };
  requests.forEach((request, job) => {
    const need = wanted[job] ?? 0;
    // The first of those that alternate deals for all of them.
    if (!("count" in request) || (dealt[job]?.length ?? 0) > 0) return;
    if (need > left.length) {
      problems.push({ job, message: `needs ${need} whole nodes, ${left.length} are free` });
      take(job, left);
    } else if (request.placement === "packed") take(job, left.slice(0, need));
    else if (request.placement === "scattered") take(job, stream.shuffle(left).slice(0, need));
    else {
      for (const [each, nodes] of inTurn(requests, wanted, { first: job, left })) {
        take(each, nodes);
        const short = (wanted[each] ?? 0) - nodes.length;
        if (short > 0) problems.push({ job: each, message: `needs ${wanted[each]} whole nodes, ${short} are missing` });
      }
    }
  });
  return dealt;
}

/** Nodes dealt one by one to the jobs that alternate, from this one on, until each has all it wants. */
function inTurn(
  requests: readonly PlacementRequest[],
  wanted: readonly number[],
  { first, left }: { readonly first: number; readonly left: readonly number[] },
): ReadonlyMap<number, readonly number[]> {
  const turns = requests.flatMap((request, job) => {
    return "count" in request && request.placement === "alternate" && job >= first ? [job] : [];
  });
  const dealt = new Map<number, number[]>(turns.map((job) => [job, []]));
  let next = 0;
  for (let open = turns.length; open > 0; ) {
    open = 0;
    for (const job of turns) {
      const nodes = dealt.get(job) ?? [];
      if (nodes.length >= (wanted[job] ?? 0) || next >= left.length) continue;
      nodes.push(left[next++] ?? 0);
      open++;
    }
  }
  return dealt;
}
