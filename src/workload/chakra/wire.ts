/**
 * The wire format of protobuf, as far as messages of its third version use it: varints, fixed numbers and lengths.
 * Numbers stay whole to 64 bits. What cannot be read throws `Malformed` with its byte, for `read.ts` to report.
 * @source protobuf-encoding
 */

/** Bytes that are no message; never leaves this folder. */
export class Malformed extends Error {
  /** Byte of the file. */
  readonly at: number;
  constructor(at: number, message: string) {
    super(message);
    this.name = "Malformed";
    this.at = at;
  }
}

/** Part of a file, [start, end). */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** 0 varint, 1 eight bytes, 2 a length and as many bytes, 5 four bytes. */
export type Wire = 0 | 1 | 2 | 5;

export interface Field extends Span {
  readonly number: number;
  readonly wire: Wire;
  /** Byte of the tag. */
  readonly at: number;
  /** Bits of a number; 0 for a length, whose bytes are [start, end). */
  readonly bits: bigint;
}

/** Fields of a message in the order of the file. */
export function fieldsOf(bytes: Uint8Array, { start, end }: Span): Field[] {
  const fields: Field[] = [];
  for (let at = start; at < end; ) {
    const field = fieldAt(bytes, { start: at, end });
    fields.push(field);
    at = field.end;
  }
  return fields;
}

function fieldAt(bytes: Uint8Array, within: Span): Field {
  const tag = lengthAt(bytes, within);
  const number = Math.floor(tag.value / 8);
  const wire = tag.value % 8;
  const at = within.start;
  if (number === 0) throw new Malformed(within.start, "a field has number 0");
  switch (wire) {
    case 0: {
      const { value, end } = varintAt(bytes, { start: tag.end, end: within.end });
      return { number, at, start: tag.end, wire, end, bits: value };
    }
    case 1:
    case 5: {
      const end = tag.end + (wire === 1 ? 8 : 4);
      if (end > within.end) throw new Malformed(tag.end, `field ${number} needs ${end - within.end} bytes more`);
      return { number, at, start: tag.end, wire, end, bits: fixedBits(bytes, { start: tag.end, end }) };
    }
    case 2: {
      const { value, end: start } = lengthAt(bytes, { start: tag.end, end: within.end });
      const end = start + value;
      if (end > within.end)
        throw new Malformed(tag.end, `field ${number} says ${value} bytes, ${within.end - start} are left`);
      return { number, at, start, wire, end, bits: 0n };
    }
    default:
      throw new Malformed(within.start, `field ${number} has wire type ${wire}, which no field of a trace has`);
  }
}

/** Little-endian, lowest byte first. */
export function fixedBits(bytes: Uint8Array, { start, end }: Span): bigint {
  let bits = 0n;
  for (let at = end - 1; at >= start; at--) bits = (bits << 8n) | BigInt(bytes[at] ?? 0);
  return bits;
}

/** Groups of seven bits, lowest first; 64 bits take at most ten bytes. */
export function varintAt(bytes: Uint8Array, { start, end }: Span): { readonly value: bigint; readonly end: number } {
  let low = 0;
  let scale = 1;
  for (let at = start; at < end && at < start + 7; at++, scale *= 128) {
    const byte = bytes[at] ?? 0;
    low += (byte & 0x7f) * scale;
    if (byte < 0x80) return { value: BigInt(low), end: at + 1 };
  }
  let value = BigInt(low);
  for (let at = start + 7, shift = 49n; at < end && at < start + 10; at++, shift += 7n) {
    const byte = bytes[at] ?? 0;
    value |= BigInt(byte & 0x7f) << shift;
    if (byte < 0x80) return { value: BigInt.asUintN(64, value), end: at + 1 };
  }
  const short = end < start + 10;
  throw new Malformed(start, short ? "a number goes on beyond the end" : "a number is longer than 64 bits");
}

/** A length or a tag: at most 32 bits. */
export function lengthAt(bytes: Uint8Array, span: Span): { readonly value: number; readonly end: number } {
  const first = bytes[span.start] ?? 0x80;
  if (first < 0x80 && span.start < span.end) return { value: first, end: span.start + 1 };
  const { value, end } = varintAt(bytes, span);
  if (value > 0xffffffffn) throw new Malformed(span.start, `found ${value}, expected a length below 4 GiB`);
  return { value: Number(value), end };
}

/** Bytes of one message while it is written. */
export type Bytes = number[];

export function putVarint(into: Bytes, bits: bigint): void {
  let rest = bits;
  while (rest >= 0x80n) {
    into.push(Number(rest & 0x7fn) | 0x80);
    rest >>= 7n;
  }
  into.push(Number(rest));
}

export function putFixed(into: Bytes, bits: bigint, length: 4 | 8): void {
  for (let shift = 0n; shift < BigInt(8 * length); shift += 8n) into.push(Number((bits >> shift) & 0xffn));
}

export function putTag(into: Bytes, number: number, wire: Wire): void {
  putVarint(into, BigInt(number * 8 + wire));
}

/** A field with a length: text, bytes or a message. */
export function putLength(into: Bytes, number: number, content: ArrayLike<number>): void {
  putTag(into, number, 2);
  putVarint(into, BigInt(content.length));
  // A loop: arguments of one call are limited.
  for (let at = 0; at < content.length; at++) into.push(content[at] ?? 0);
}
