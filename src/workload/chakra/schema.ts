/**
 * Chakra execution traces as their schema has them: one file a rank, each message after its length, first
 * GlobalMetadata, then the nodes. Fields of storage nodes are passed over.
 * @source chakra-schema
 */

export interface ChakraFile {
  readonly version: string;
  readonly attributes: readonly Attribute[];
  readonly nodes: readonly ChakraNode[];
}

export interface ChakraNode {
  readonly id: bigint;
  readonly name: string;
  /** Number of a `NodeType`. */
  readonly type: number;
  readonly controlDependencies: readonly bigint[];
  readonly dataDependencies: readonly bigint[];
  readonly startMicros: bigint;
  readonly durationMicros: bigint;
  readonly inputs?: InputOutput;
  readonly outputs?: InputOutput;
  readonly attributes: readonly Attribute[];
}

/** Values, shapes and types as text, as a tracer printed them. */
export interface InputOutput {
  readonly values: string;
  readonly shapes: string;
  readonly types: string;
}

export interface Attribute {
  readonly name: string;
  readonly documentation?: string;
  /** Absent where the attribute has a name only. */
  readonly content?: AttributeContent;
}

export interface AttributeContent {
  readonly type: ScalarType;
  /** One value, or a list of them. */
  readonly value: AttributeValue | readonly AttributeValue[];
}

/** Whole numbers of 64 bits are bigint, all others number. */
export type AttributeValue = bigint | number | boolean | string | Uint8Array;

/** Types of attributes in the order of their fields: the k-th has field 3 + 2 k for one, 4 + 2 k for a list. */
export const scalarTypes = [
  "double",
  "float",
  "int32",
  "int64",
  "uint32",
  "uint64",
  "sint32",
  "sint64",
  "fixed32",
  "fixed64",
  "sfixed32",
  "sfixed64",
  "bool",
  "string",
  "bytes",
] as const;
export type ScalarType = (typeof scalarTypes)[number];

/** Node types by number. */
export const nodeTypes = [
  "INVALID_NODE",
  "METADATA_NODE",
  "MEM_LOAD_NODE",
  "MEM_STORE_NODE",
  "COMP_NODE",
  "COMM_SEND_NODE",
  "COMM_RECV_NODE",
  "COMM_COLL_NODE",
  "STORAGE_NODE",
  "BATCH_NODE",
  "CHECKPOINT_NODE",
] as const;

/** Operations of collective nodes by number. Reduce-scatter has two: of the whole, and of blocks. */
export const collectiveTypes = [
  "all-reduce",
  "reduce",
  "all-gather",
  "gather",
  "scatter",
  "broadcast",
  "all-to-all",
  "reduce-scatter",
  "reduce-scatter",
  "barrier",
] as const;

/** The schema that is written. */
export const schemaVersion = "0.0.4";
