/** A trace as Chakra files: one a rank, groups listed in a metadata node as PyTorch lists its process groups. */

import { chakraNode } from "./meaning.ts";
import { type ChakraNode, nodeTypes, schemaVersion } from "./schema.ts";
import { everyone, type RankTrace, type Trace } from "./trace.ts";
import { writeChakra } from "./write.ts";

/** PyTorch's name of such a node; reading leaves it out again. */
const listName = "## process_group:init ##";

/** Files in the order of the ranks. */
export function chakraFiles(trace: Trace): readonly { readonly rank: number; readonly bytes: Uint8Array }[] {
  const list = listed(trace);
  return trace.recorded.map((recorded) => ({
    rank: recorded.rank,
    bytes: writeChakra({ version: schemaVersion, attributes: [], nodes: rankNodes(recorded, trace, list) }),
  }));
}

function rankNodes({ rank, nodes }: RankTrace, { groups }: Trace, list: string): readonly ChakraNode[] {
  const own = nodes.map((node) => chakraNode(node, rank, groups.get(node.group ?? everyone)?.length ?? 1));
  return list === "" || nodes.some(({ name }) => name === listName) ? own : [groupsNode(nodes, list), ...own];
}

/** Groups as JSON, inside the brackets that tracers print; all ranks together need no list. */
function listed({ ranks, groups }: Trace): string {
  const named = [...groups].filter(([name, members]) => name !== everyone || members.length !== ranks);
  if (named.length === 0) return "";
  const entries = named.map(([name, members]) => ({ pg_name: name, ranks: members }));
  return `[[${JSON.stringify(entries)}]]`;
}

function groupsNode(nodes: RankTrace["nodes"], values: string): ChakraNode {
  return {
    id: freeId(nodes),
    name: listName,
    type: nodeTypes.indexOf("METADATA_NODE"),
    controlDependencies: [],
    dataDependencies: [],
    startMicros: 0n,
    durationMicros: 0n,
    inputs: { values, shapes: "[]", types: "['String']" },
    attributes: [{ name: "is_cpu_op", content: { type: "bool", value: true } }],
  };
}

/** The first id after all others, or the first that is free. */
function freeId(nodes: RankTrace["nodes"]): bigint {
  const most = nodes.reduce((highest, { id }) => (id > highest ? id : highest), -1n);
  if (most < 0xffff_ffff_ffff_ffffn) return most + 1n;
  const taken = new Set(nodes.map(({ id }) => id));
  let free = 0n;
  while (taken.has(free)) free++;
  return free;
}
