/**
 * Writes one file of a Chakra execution trace. Fields come by number and defaults are left out, as the reference
 * serialisers do it, so that the same trace gives the same bytes.
 * @source chakra-schema @source protobuf-encoding
 */

import { type NumberType, scalars } from "./scalar.ts";
import {
  type Attribute,
  type AttributeValue,
  type ChakraFile,
  type ChakraNode,
  type InputOutput,
  type ScalarType,
  scalarTypes,
} from "./schema.ts";
import { utf8Bytes } from "./utf8.ts";
import { type Bytes, putFixed, putLength, putTag, putVarint } from "./wire.ts";

export function writeChakra({ version, attributes, nodes }: ChakraFile): Uint8Array {
  const metadata: Bytes = [];
  putText(metadata, 1, version);
  for (const attribute of attributes) putLength(metadata, 2, attributeBytes(attribute));
  return joined([framed(metadata), ...nodes.map((node) => framed(nodeBytes(node)))]);
}

/** A message after its length. */
function framed(message: Bytes): Uint8Array {
  const head: Bytes = [];
  putVarint(head, BigInt(message.length));
  return joined([Uint8Array.from(head), Uint8Array.from(message)]);
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

function nodeBytes(node: ChakraNode): Bytes {
  const bytes: Bytes = [];
  putNumber(bytes, 1, node.id);
  putText(bytes, 2, node.name);
  putNumber(bytes, 3, BigInt.asUintN(64, BigInt(node.type)));
  putPacked(bytes, 4, node.controlDependencies);
  putPacked(bytes, 5, node.dataDependencies);
  putNumber(bytes, 6, node.startMicros);
  putNumber(bytes, 7, node.durationMicros);
  if (node.inputs !== undefined) putLength(bytes, 8, inputOutputBytes(node.inputs));
  if (node.outputs !== undefined) putLength(bytes, 9, inputOutputBytes(node.outputs));
  for (const attribute of node.attributes) putLength(bytes, 10, attributeBytes(attribute));
  return bytes;
}

function putNumber(into: Bytes, number: number, value: bigint): void {
  if (value === 0n) return;
  putTag(into, number, 0);
  putVarint(into, value);
}

function putText(into: Bytes, number: number, text: string): void {
  if (text !== "") putLength(into, number, utf8Bytes(text));
}

function putPacked(into: Bytes, number: number, values: readonly bigint[]): void {
  if (values.length === 0) return;
  const content: Bytes = [];
  for (const value of values) putVarint(content, value);
  putLength(into, number, content);
}

function inputOutputBytes({ values, shapes, types }: InputOutput): Bytes {
  const bytes: Bytes = [];
  putText(bytes, 1, values);
  putText(bytes, 2, shapes);
  putText(bytes, 3, types);
  return bytes;
}

function attributeBytes({ name, documentation = "", content }: Attribute): Bytes {
  const bytes: Bytes = [];
  putText(bytes, 1, name);
  putText(bytes, 2, documentation);
  if (content === undefined) return bytes;
  const { type, value } = content;
  const field = 3 + 2 * scalarTypes.indexOf(type);
  if (Array.isArray(value)) putLength(bytes, field + 1, listBytes(value, type));
  else putOne(bytes, field, { value: value as AttributeValue, type });
  return bytes;
}

function putOne(
  into: Bytes,
  number: number,
  { value, type }: { readonly value: AttributeValue; readonly type: ScalarType },
): void {
  if (type === "string") putLength(into, number, utf8Bytes(String(value)));
  else if (type === "bytes") putLength(into, number, value instanceof Uint8Array ? value : []);
  else {
    putTag(into, number, scalars[type].wire);
    putBits(into, value, type);
  }
}

function putBits(into: Bytes, value: AttributeValue, type: NumberType): void {
  const { wire, encode } = scalars[type];
  if (wire === 0) putVarint(into, encode(value));
  else putFixed(into, encode(value), wire === 1 ? 8 : 4);
}

function listBytes(values: readonly AttributeValue[], type: ScalarType): Bytes {
  const bytes: Bytes = [];
  if (type === "string" || type === "bytes") {
    for (const value of values) putOne(bytes, 1, { value, type });
    return bytes;
  }
  if (values.length === 0) return bytes;
  const content: Bytes = [];
  for (const value of values) putBits(content, value, type);
  putLength(bytes, 1, content);
  return bytes;
}
