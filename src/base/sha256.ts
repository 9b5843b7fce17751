/** SHA-256 of text, for names that follow from content. Not for secrets: no care is taken of timing. */

/** First 32 bits of the fractional parts of the cube roots of the first 64 primes. */
const constants: Uint32Array = fractions(64, 3);
/** The same of the square roots of the first eight. */
const start: Uint32Array = fractions(8, 2);

/**
 * The digest of text in UTF-8 as 64 hexadecimal digits.
 * @source fips-180-4 Section 6.2
 */
export function sha256(text: string): string {
  const state = start.slice();
  const message = padded(utf8(text));
  const schedule = new Uint32Array(64);
  for (let block = 0; block < message.length; block += 16) compress(state, message, { block, schedule });
  return [...state].map((word) => word.toString(16).padStart(8, "0")).join("");
}

function compress(
  state: Uint32Array,
  message: Uint32Array,
  { block, schedule: w }: { readonly block: number; readonly schedule: Uint32Array },
): void {
  const at = (index: number): number => w[index] as number;
  w.set(message.subarray(block, block + 16));
  for (let round = 16; round < 64; round++) {
    const [near, far] = [at(round - 2), at(round - 15)];
    const first = turned(far, 7) ^ turned(far, 18) ^ (far >>> 3);
    const second = turned(near, 17) ^ turned(near, 19) ^ (near >>> 10);
    w[round] = at(round - 16) + first + at(round - 7) + second;
  }
  let [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, g = 0, h = 0] = state;
  for (let round = 0; round < 64; round++) {
    const mixed = (turned(e, 6) ^ turned(e, 11) ^ turned(e, 25)) + ((e & f) ^ (~e & g));
    const one = (h + mixed + (constants[round] as number) + at(round)) | 0;
    const two = (turned(a, 2) ^ turned(a, 13) ^ turned(a, 22)) + ((a & b) ^ (a & c) ^ (b & c));
    [h, g, f, e] = [g, f, e, (d + one) | 0];
    [d, c, b, a] = [c, b, a, (one + two) | 0];
  }
  [a, b, c, d, e, f, g, h].forEach((word, index) => {
    state[index] = (state[index] as number) + word;
  });
}

function turned(word: number, by: number): number {
  return (word >>> by) | (word << (32 - by));
}

/** Words of the message with its end mark and its length. */
function padded(bytes: readonly number[]): Uint32Array {
  const words = new Uint32Array((((bytes.length + 8) >> 6) + 1) * 16);
  const put = (byte: number, index: number): void => {
    words[index >> 2] = (words[index >> 2] as number) | (byte << (24 - (index & 3) * 8));
  };
  bytes.forEach(put);
  put(0x80, bytes.length);
  words[words.length - 2] = Math.floor(bytes.length / 0x20000000);
  words[words.length - 1] = bytes.length << 3;
  return words;
}

/** Bytes of text; the core has no encoder of the host. */
export function utf8(text: string): number[] {
  const bytes: number[] = [];
  for (const character of text) {
    const code = character.codePointAt(0) as number;
    const tail = (shift: number): number => 0x80 | ((code >> shift) & 0x3f);
    if (code < 0x80) bytes.push(code);
    else if (code < 0x800) bytes.push(0xc0 | (code >> 6), tail(0));
    else if (code < 0x10000) bytes.push(0xe0 | (code >> 12), tail(6), tail(0));
    else bytes.push(0xf0 | (code >> 18), tail(12), tail(6), tail(0));
  }
  return bytes;
}

/** First 32 bits behind the point of the roots of the first primes, exactly: floor(prime^(1/degree) 2^32) modulo 2^32. */
function fractions(count: number, degree: 2 | 3): Uint32Array {
  const primes: number[] = [];
  for (let next = 2; primes.length < count; next++) {
    if (primes.every((prime) => next % prime !== 0)) primes.push(next);
  }
  return Uint32Array.from(primes, (prime) => {
    const power = BigInt(prime) << BigInt(32 * degree);
    let root = 0n;
    for (let bit = 1n << 37n; bit > 0n; bit >>= 1n) {
      const next = root + bit;
      if ((degree === 2 ? next * next : next * next * next) <= power) root = next;
    }
    return Number(root & 0xffffffffn);
  });
}
