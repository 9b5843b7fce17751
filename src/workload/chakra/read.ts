/**
 * Reads one file of a Chakra execution trace. A message that is broken inside is reported with its byte and passed over;
 * a length that leads out of the file ends the reading. Fields that the schema does not have are passed over, as
 * protobuf asks.
 * @source chakra-schema @source protobuf-encoding
 */

import type { Problem } from "../../base/problem.ts";
import { type NumberType, scalars } from "./scalar.ts";
import {
  type Attribute,
  type AttributeContent,
  type AttributeValue,
  type ChakraFile,
  type ChakraNode,
  type InputOutput,
  type ScalarType,
  scalarTypes,
} from "./schema.ts";
import { utf8Text } from "./utf8.ts";
import { type Field, fieldsOf, fixedBits, lengthAt, Malformed, type Span, varintAt, type Wire } from "./wire.ts";

export interface ChakraReading {
  readonly file: ChakraFile;
  readonly problems: readonly Problem[];
}

/** Of one file; garbage would give thousands. */
const problemsMost = 10;

/** @param name of the file, for problems. */
export function readChakra(bytes: Uint8Array, name: string): ChakraReading {
  const found: { readonly at: number; readonly message: string }[] = [];
  const nodes: ChakraNode[] = [];
  let metadata: Pick<ChakraFile, "version" | "attributes"> = { version: "", attributes: [] };
  let count = 0;
  for (let at = 0; at < bytes.length && found.length < problemsMost; count++) {
    const message = tried(found, () => messageAt(bytes, at, count));
    if (message === undefined) break;
    at = message.end;
    tried(found, () => {
      if (count === 0) metadata = readMetadata(bytes, message);
      else nodes.push(readNode(bytes, message));
    });
  }
  if (bytes.length === 0) found.push({ at: 0, message: "the file is empty, expected a Chakra execution trace" });
  const hint = otherFormat(bytes) ?? (nodes.length === 0 ? usualFormat : undefined);
  const problems = found.map(({ at, message }): Problem => {
    return { path: name, message: `byte ${at}: ${message}`, ...(hint === undefined ? {} : { hint }) };
  });
  return { file: { ...metadata, nodes }, problems };
}

/** What the action gives, or a note of why it could not. */
function tried<Result>(found: { at: number; message: string }[], action: () => Result): Result | undefined {
  try {
    return action();
  } catch (error) {
    if (!(error instanceof Malformed)) throw error;
    found.push({ at: error.at, message: error.message });
    return undefined;
  }
}

function messageAt(bytes: Uint8Array, at: number, count: number): Span {
  const what = count === 0 ? "the metadata" : `node ${count} of the file`;
  const { value, end: start } = lengthAt(bytes, { start: at, end: bytes.length });
  const end = start + value;
  if (end <= bytes.length) return { start, end };
  throw new Malformed(at, `the file ends inside ${what}: it says ${value} bytes, ${bytes.length - start} are left`);
}

const usualFormat = "expected a Chakra execution trace: GlobalMetadata and nodes in protobuf, each after its length";

/** What people hand over in place of a trace. */
function otherFormat(bytes: Uint8Array): string | undefined {
  if (bytes[0] === 0x1f && bytes[1] === 0x8b) return "it is compressed: unpack it with gunzip first";
  const start = utf8Text(bytes.subarray(0, 64)).trimStart();
  if (!start.startsWith("{") && !start.startsWith("[")) return undefined;
  return "it looks like JSON: traces of PyTorch become .et files by chakra_trace_link and chakra_converter";
}

function readMetadata(bytes: Uint8Array, span: Span): Pick<ChakraFile, "version" | "attributes"> {
  let version = "";
  const attributes: Attribute[] = [];
  for (const field of fieldsOf(bytes, span)) {
    if (field.number === 1) {
      if (field.wire !== 2)
        throw new Malformed(field.at, "found a node, expected metadata first (a trace before 0.0.4?)");
      version = text(bytes, field);
    } else if (field.number === 2) attributes.push(readAttribute(bytes, expected(field, 2, "attribute")));
  }
  return { version, attributes };
}

type Mutable<Value> = { -readonly [Key in keyof Value]: Value[Key] };

function readNode(bytes: Uint8Array, span: Span): ChakraNode {
  if (span.end === span.start) throw new Malformed(span.start, "a node is empty");
  const controlDependencies: bigint[] = [];
  const dataDependencies: bigint[] = [];
  const attributes: Attribute[] = [];
  const node: Mutable<ChakraNode> = {
    id: 0n,
    name: "",
    type: 0,
    controlDependencies,
    dataDependencies,
    startMicros: 0n,
    durationMicros: 0n,
    attributes,
  };
  for (const field of fieldsOf(bytes, span)) {
    switch (field.number) {
      case 1:
        node.id = expected(field, 0, "id").bits;
        break;
      case 2:
        node.name = text(bytes, expected(field, 2, "name"));
        break;
      case 3:
        node.type = Number(BigInt.asIntN(32, expected(field, 0, "type").bits));
        break;
      case 4:
        repeated(bytes, field, controlDependencies);
        break;
      case 5:
        repeated(bytes, field, dataDependencies);
        break;
      case 6:
        node.startMicros = expected(field, 0, "start_time_micros").bits;
        break;
      case 7:
        node.durationMicros = expected(field, 0, "duration_micros").bits;
        break;
      case 8:
        node.inputs = readInputOutput(bytes, expected(field, 2, "inputs"));
        break;
      case 9:
        node.outputs = readInputOutput(bytes, expected(field, 2, "outputs"));
        break;
      case 10:
        attributes.push(readAttribute(bytes, expected(field, 2, "attr")));
        break;
    }
  }
  return node;
}

function expected(field: Field, wire: Wire, name: string): Field {
  if (field.wire === wire) return field;
  throw new Malformed(field.at, `${name} has wire type ${field.wire}, expected ${wire}`);
}

function text(bytes: Uint8Array, { start, end }: Span): string {
  return utf8Text(bytes.subarray(start, end));
}

/** Numbers of a repeated field: packed behind one length, or one by one. */
function repeated(bytes: Uint8Array, field: Field, into: bigint[]): void {
  if (field.wire === 0) into.push(field.bits);
  else forEachVarint(bytes, expected(field, 2, "dependencies"), (value) => into.push(value));
}

function forEachVarint(bytes: Uint8Array, span: Span, action: (value: bigint) => void): void {
  for (let at = span.start; at < span.end; ) {
    const { value, end } = varintAt(bytes, { start: at, end: span.end });
    action(value);
    at = end;
  }
}

function readInputOutput(bytes: Uint8Array, span: Span): InputOutput {
  const found: Mutable<InputOutput> = { values: "", shapes: "", types: "" };
  const names = ["values", "shapes", "types"] as const;
  for (const field of fieldsOf(bytes, span)) {
    const name = names[field.number - 1];
    if (name !== undefined) found[name] = text(bytes, expected(field, 2, name));
  }
  return found;
}

function readAttribute(bytes: Uint8Array, span: Span): Attribute {
  let name = "";
  let documentation: string | undefined;
  let content: AttributeContent | undefined;
  for (const field of fieldsOf(bytes, span)) {
    const type = scalarTypes[Math.floor((field.number - 3) / 2)];
    if (field.number === 1) name = text(bytes, expected(field, 2, "name of an attribute"));
    else if (field.number === 2) documentation = text(bytes, expected(field, 2, "doc_string"));
    else if (type === undefined) continue;
    else if (field.number % 2 === 1) content = { type, value: one(bytes, field, type) };
    else content = { type, value: list(bytes, expected(field, 2, `list of ${type}`), type) };
  }
  return {
    name,
    ...(documentation === undefined ? {} : { documentation }),
    ...(content === undefined ? {} : { content }),
  };
}

function one(bytes: Uint8Array, field: Field, type: ScalarType): AttributeValue {
  if (type === "string") return text(bytes, expected(field, 2, type));
  if (type === "bytes") return bytes.slice(expected(field, 2, type).start, field.end);
  const { wire, decode } = scalars[type];
  return decode(expected(field, wire, type).bits);
}

/** Values of a list message; numbers packed or one by one. */
function list(bytes: Uint8Array, span: Span, type: ScalarType): AttributeValue[] {
  const values: AttributeValue[] = [];
  for (const field of fieldsOf(bytes, span)) {
    if (field.number !== 1) continue;
    if (type === "string" || type === "bytes" || field.wire !== 2) values.push(one(bytes, field, type));
    else packed(bytes, field, { type, values });
  }
  return values;
}

function packed(
  bytes: Uint8Array,
  span: Span,
  { type, values }: { readonly type: NumberType; readonly values: AttributeValue[] },
): void {
  const { wire, decode } = scalars[type];
  if (wire === 0) {
    forEachVarint(bytes, span, (value) => values.push(decode(value)));
    return;
  }
  const length = wire === 1 ? 8 : 4;
  for (let start = span.start; start < span.end; start += length) {
    if (start + length > span.end) throw new Malformed(start, `a list of ${type} ends inside a number`);
    values.push(decode(fixedBits(bytes, { start, end: start + length })));
  }
}
