/**
 * What nodes of a Chakra trace mean, and back. `comm_size` is what one rank puts in, so the size of an all-gather is as
 * many times larger as its group has ranks; of all other operations it is the size of nccl-tests.
 * @source chakra-schema @source astra-sim-workload
 */

import type { Seconds } from "../../base/quantity.ts";
import { type Complain, count, word } from "./attributes.ts";
import { type Attribute, type ChakraNode, collectiveTypes, nodeTypes } from "./schema.ts";
import type { TraceNode, TraceNodeKind, TraceOperation } from "./trace.ts";

const microsecond: Seconds = 1e-6;
/** Some thirty years: a longer pass is a slip. */
const microsMost = 1_000_000_000_000_000n;

const kinds: Readonly<Record<(typeof nodeTypes)[number], TraceNodeKind>> = {
  INVALID_NODE: "other",
  METADATA_NODE: "other",
  MEM_LOAD_NODE: "memory",
  MEM_STORE_NODE: "memory",
  COMP_NODE: "compute",
  COMM_SEND_NODE: "send",
  COMM_RECV_NODE: "receive",
  COMM_COLL_NODE: "collective",
  STORAGE_NODE: "other",
  BATCH_NODE: "other",
  CHECKPOINT_NODE: "other",
};

type Mutable<Value> = { -readonly [Key in keyof Value]: Value[Key] };

/** A node before its group is known: `bytes` of an all-gather are those of one rank. */
export function nodeOf(raw: ChakraNode, complain: Complain): TraceNode {
  const type = nodeTypes[raw.type];
  const kind = type === undefined ? "other" : kinds[type];
  const node: Mutable<TraceNode> = { id: raw.id, name: raw.name, kind, dependsOn: dependenciesOf(raw) };
  if (raw.startMicros > 0n) node.start = Number(raw.startMicros) * microsecond;
  if (raw.durationMicros > microsMost) complain(`duration_micros is ${raw.durationMicros}, too long to be real`);
  else if (raw.durationMicros > 0n) node.seconds = Number(raw.durationMicros) * microsecond;
  set(node, "flop", kind === "compute" ? count(raw, "num_ops", complain) : undefined);
  set(node, "bytes", kind === "memory" || kind === "compute" ? count(raw, "tensor_size", complain) : undefined);
  if (kind === "memory") node.access = type === "MEM_STORE_NODE" ? "store" : "load";
  if (kind === "collective") collective(node, raw, complain);
  if (kind === "send" || kind === "receive") transfer(node, raw, complain);
  return node;
}

function dependenciesOf({ controlDependencies, dataDependencies }: ChakraNode): readonly bigint[] {
  return [...new Set([...controlDependencies, ...dataDependencies])];
}

function collective(node: Mutable<TraceNode>, raw: ChakraNode, complain: Complain): void {
  const type = count(raw, "comm_type", complain);
  const operation = type === undefined ? undefined : collectiveTypes[type];
  if (type === undefined) complain("it is a collective without comm_type");
  else if (operation === undefined) complain(`comm_type ${type} is no operation, expected 0 to 9`);
  else node.operation = operation;
  set(node, "group", word(raw, "pg_name", complain));
  const size = count(raw, "comm_size", complain);
  if (size === undefined && operation !== "barrier") complain("it is a collective without comm_size");
  node.bytes = size ?? 0;
}

function transfer(node: Mutable<TraceNode>, raw: ChakraNode, complain: Complain): void {
  const name = node.kind === "send" ? "comm_dst" : "comm_src";
  set(node, "peer", count(raw, name, complain));
  set(node, "tag", count(raw, "comm_tag", complain));
  set(node, "group", word(raw, "pg_name", complain));
  const size = count(raw, "comm_size", complain);
  if (size === undefined) complain(`it is a ${node.kind} without comm_size`);
  node.bytes = size ?? 0;
}

function set<Key extends keyof TraceNode>(node: Mutable<TraceNode>, key: Key, value: TraceNode[Key] | undefined): void {
  if (value !== undefined) node[key] = value;
}

const typeNames: Readonly<Record<Exclude<TraceNodeKind, "memory">, (typeof nodeTypes)[number]>> = {
  compute: "COMP_NODE",
  collective: "COMM_COLL_NODE",
  send: "COMM_SEND_NODE",
  receive: "COMM_RECV_NODE",
  other: "METADATA_NODE",
};

/**
 * A node as Chakra writes it. Times become whole microseconds, the schema's unit; one that was there stays at least one.
 * @param members of its group.
 */
export function chakraNode(node: TraceNode, rank: number, members: number): ChakraNode {
  const type =
    node.kind === "memory" ? (node.access === "store" ? "MEM_STORE_NODE" : "MEM_LOAD_NODE") : typeNames[node.kind];
  return {
    id: node.id,
    name: node.name,
    type: nodeTypes.indexOf(type),
    controlDependencies: [],
    dataDependencies: node.dependsOn,
    startMicros: BigInt(Math.round((node.start ?? 0) / microsecond)),
    durationMicros: BigInt(Math.round(wholeMicros(node.seconds ?? 0) / microsecond)),
    attributes: attributesOf(node, rank, members),
  };
}

/** A duration as a trace has it. */
export function wholeMicros(seconds: Seconds): Seconds {
  const micros = Math.round(seconds / microsecond);
  return microsecond * (seconds > 0 ? Math.max(1, micros) : micros);
}

function attributesOf(node: TraceNode, rank: number, members: number): readonly Attribute[] {
  const attributes: Attribute[] = [{ name: "is_cpu_op", content: { type: "bool", value: node.kind === "other" } }];
  const number = (name: string, type: "int32" | "int64" | "uint64", value: number | undefined): void => {
    if (value === undefined) return;
    attributes.push({ name, content: { type, value: type === "int32" ? value : BigInt(Math.round(value)) } });
  };
  const { kind, operation, bytes = 0 } = node;
  if (kind === "compute") number("num_ops", "int64", node.flop);
  if (kind === "memory" || kind === "compute") number("tensor_size", "uint64", node.bytes);
  if (kind === "collective") {
    number("comm_type", "int64", collectiveTypes.indexOf(operation ?? "barrier"));
    number("comm_size", "int64", operation === "all-gather" ? bytes / members : bytes);
  }
  if (kind === "send" || kind === "receive") {
    number("comm_size", "int64", bytes);
    number("comm_src", "int32", kind === "send" ? rank : node.peer);
    number("comm_dst", "int32", kind === "send" ? node.peer : rank);
    number("comm_tag", "int32", node.tag);
  }
  if (node.group !== undefined) attributes.push({ name: "pg_name", content: { type: "string", value: node.group } });
  return attributes;
}

/** Bytes as nccl-tests counts them, once the group is known. */
export function sizedFor(node: TraceNode, members: number): TraceNode {
  if (node.operation !== ("all-gather" satisfies TraceOperation)) return node;
  return { ...node, bytes: (node.bytes ?? 0) * members };
}
