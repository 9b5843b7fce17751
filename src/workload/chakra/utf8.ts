/** Text in UTF-8 without a host's decoder. Broken sequences become U+FFFD, as readers of protobuf do it. */

const replacement = 0xfffd;
/** Characters handed to one call; engines limit the arguments of a call. */
const batch = 4096;

export function utf8Text(bytes: Uint8Array): string {
  // Names and attributes are short and plain nearly always.
  if (bytes.length <= batch && bytes.every((byte) => byte < 0x80)) return String.fromCharCode(...bytes);
  const points: number[] = [];
  let text = "";
  for (let at = 0; at < bytes.length; ) {
    const [point, length] = pointAt(bytes, at);
    points.push(point);
    at += length;
    if (points.length === batch) text += String.fromCodePoint(...points.splice(0));
  }
  return text + String.fromCodePoint(...points);
}

/** First byte of a sequence: bits that mark it, bits that carry, bytes that follow, the least that is not overlong. */
const heads = [
  { mask: 0x80, mark: 0x00, carry: 0x7f, more: 0, least: 0 },
  { mask: 0xe0, mark: 0xc0, carry: 0x1f, more: 1, least: 0x80 },
  { mask: 0xf0, mark: 0xe0, carry: 0x0f, more: 2, least: 0x800 },
  { mask: 0xf8, mark: 0xf0, carry: 0x07, more: 3, least: 0x10000 },
] as const;

function pointAt(bytes: Uint8Array, at: number): [point: number, length: number] {
  const first = bytes[at] ?? 0;
  const head = heads.find(({ mask, mark }) => (first & mask) === mark);
  if (head === undefined) return [replacement, 1];
  let point = first & head.carry;
  for (let more = 1; more <= head.more; more++) {
    const next = bytes[at + more] ?? 0;
    if ((next & 0xc0) !== 0x80) return [replacement, more];
    point = (point << 6) | (next & 0x3f);
  }
  const surrogate = point >= 0xd800 && point <= 0xdfff;
  const valid = point >= head.least && point <= 0x10ffff && !surrogate;
  return [valid ? point : replacement, head.more + 1];
}

export function utf8Bytes(text: string): Uint8Array {
  const bytes: number[] = [];
  for (const character of text) {
    const found = character.codePointAt(0) ?? 0;
    const point = found >= 0xd800 && found <= 0xdfff ? replacement : found;
    if (point < 0x80) bytes.push(point);
    else if (point < 0x800) bytes.push(0xc0 | (point >> 6), tail(point));
    else if (point < 0x10000) bytes.push(0xe0 | (point >> 12), tail(point >> 6), tail(point));
    else bytes.push(0xf0 | (point >> 18), tail(point >> 12), tail(point >> 6), tail(point));
  }
  return Uint8Array.from(bytes);
}

function tail(point: number): number {
  return 0x80 | (point & 0x3f);
}
