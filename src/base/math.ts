/**
 * Elementary functions in plain IEEE-754 arithmetic, so that every host computes the same bytes.
 *
 * JavaScript leaves the last bit of Math.exp, log, pow, sin and cos to the engine, and V8 has changed it between
 * versions. Addition, multiplication, division and square root are exact by the standard; these functions use
 * nothing else. Results stay within one unit in the last place of the true value (tested).
 * Ignores: nothing for exp, log and pow; sin and cos refuse angles beyond 2^40.
 */

// Constants are split as high + low: `…High` has enough trailing zero bits that the products below stay exact.
const LN2 = Math.LN2;
const LN2_REST = 2.3190468138462996e-17;
const LN2_HIGH = 0.6931471803691238;
const LN2_LOW = 1.9082149292705877e-10;
const LOG2E = Math.LOG2E;
const LOG2E_REST = 2.0355273740931033e-17;
const LOG2E_HIGH = 1.4426946640014648;
const LOG2E_LOW = 3.768874985636099e-7;
const LOG10E_HIGH = 0.4342944622039795;
const LOG10E_LOW = 1.9699272335463627e-8;
const LOG10_2_HIGH = 0.3010299955494702;
const LOG10_2_LOW = 1.1451100898021838e-10;
const THIRD = 0.3333333333333333;
const THIRD_REST = 1.850371707708594e-17;
const TWO_OVER_PI = 0.6366197723675814;
const HALF_PI: readonly [number, number, number] = [1.5707963267948966, 6.123233995736766e-17, -1.4973849048591698e-33];
const SQRT2 = Math.SQRT2;
const SPLITTER = 134217729; // 2^27 + 1
const TWO_54 = 18014398509481984;
const ANGLE_MAX = 1099511627776; // 2^40

const EXPONENT_MIN = -1074;
const EXPONENT_MAX = 1023;

/** 2^k for every k that a double can hold, made by exact halving and doubling. */
const POWERS_OF_TWO: Float64Array = powersOfTwo();

// Scratch for taking a double apart; it holds nothing between calls.
const double: Float64Array = new Float64Array(1);
const words: Uint32Array = new Uint32Array(double.buffer);
const HIGH: 0 | 1 = highWordIndex();
const LOW: 0 | 1 = HIGH === 1 ? 0 : 1;
// Second results, each read before the next call: a typed array, because an object or a variable would allocate.
const second: Float64Array = new Float64Array(1);

/** e^x. Overflows to Infinity above 709.78, underflows to 0 below -745.13. */
export function exp(x: number): number {
  if (!(x <= 709.782712893384)) return x > 0 ? Number.POSITIVE_INFINITY : Number.NaN;
  if (x < -745.1332191019412) return 0;
  const k = Math.floor(x * LOG2E + 0.5);
  const high = x - k * LN2_HIGH;
  return scale(expReduced(high, -k * LN2_LOW), k);
}

/** Natural logarithm. NaN below 0, -Infinity at 0. */
export function log(x: number): number {
  if (!(x > 0 && x < Number.POSITIVE_INFINITY)) return logSpecial(x);
  const k = exponentOf(x);
  const f = (double[0] as number) - 1;
  const half = 0.5 * f * f;
  const s = f / (2 + f);
  return k * LN2_HIGH - (half - (s * (half + logTail(s)) + k * LN2_LOW) - f);
}

/** Logarithm to base 2; exact at powers of two. NaN below 0, -Infinity at 0. */
export function log2(x: number): number {
  if (!(x > 0 && x < Number.POSITIVE_INFINITY)) return logSpecial(x);
  const k = exponentOf(x);
  const high = logParts(double[0] as number);
  const low = second[0] as number;
  const product = high * LOG2E_HIGH;
  const rest = (low + high) * LOG2E_LOW + low * LOG2E_HIGH;
  const sum = k + product;
  return sum + (rest + (k - sum + product));
}

/** Logarithm to base 10. NaN below 0, -Infinity at 0. */
export function log10(x: number): number {
  if (!(x > 0 && x < Number.POSITIVE_INFINITY)) return logSpecial(x);
  const k = exponentOf(x);
  const high = logParts(double[0] as number);
  const low = second[0] as number;
  const product = high * LOG10E_HIGH;
  const rest = (low + high) * LOG10E_LOW + low * LOG10E_HIGH + k * LOG10_2_LOW;
  const whole = k * LOG10_2_HIGH;
  const sum = whole + product;
  return sum + (rest + (whole - sum + product));
}

/** x^y with the special values of Math.pow. */
export function pow(x: number, y: number): number {
  if (y === 0) return 1;
  if (y === 1) return x;
  if (y === 2) return x * x;
  if (x > 0 && x < Number.POSITIVE_INFINITY && y > -1e19 && y < 1e19) return powPositive(x, y);
  return powSpecial(x, y);
}

/** Square root: exact by the IEEE standard, so the host's own. */
export function sqrt(x: number): number {
  return Math.sqrt(x);
}

/** Sine of x radians; |x| beyond 2^40 is refused with a RangeError. */
export function sin(x: number): number {
  if (x === 0) return x;
  const quadrant = reduceAngle(x);
  const high = double[0] as number;
  const low = second[0] as number;
  const value = quadrant % 2 === 0 ? sinReduced(high, low) : cosReduced(high, low);
  return quadrant >= 2 ? -value : value;
}

/** Cosine of x radians; |x| beyond 2^40 is refused with a RangeError. */
export function cos(x: number): number {
  const quadrant = reduceAngle(x);
  const high = double[0] as number;
  const low = second[0] as number;
  const value = quadrant % 2 === 0 ? cosReduced(high, low) : sinReduced(high, low);
  return quadrant === 1 || quadrant === 2 ? -value : value;
}

/** y 2^k without losing bits on the way to a subnormal result. */
function scale(y: number, k: number): number {
  if (k > EXPONENT_MAX) return y * 2 * powerOfTwo(k - 1);
  if (k >= -1021) return y * powerOfTwo(k);
  return (y * powerOfTwo(k + 54)) / TWO_54;
}

function powerOfTwo(k: number): number {
  return POWERS_OF_TWO[k - EXPONENT_MIN] as number;
}

/** e^(high + low) for |high| <= ln 2 / 2 by its Taylor series to the 13th power (rest below 1e-17). */
function expReduced(high: number, low: number): number {
  const r = high + low;
  const rest = high - r + low;
  const tail =
    1 / 40320 + r * (1 / 362880 + r * (1 / 3628800 + r * (1 / 39916800 + r * (1 / 479001600 + r / 6227020800))));
  const series = 0.5 + r * (1 / 6 + r * (1 / 24 + r * (1 / 120 + r * (1 / 720 + r * (1 / 5040 + r * tail)))));
  return 1 + (r + (rest + r * r * series));
}

/** Exponent k of x = 2^k m with m in [1/sqrt 2, sqrt 2); leaves m in `double`. */
function exponentOf(x: number): number {
  let k = 0;
  double[0] = x;
  if (x < 2.2250738585072014e-308) {
    double[0] = x * TWO_54;
    k = -54;
  }
  const high = words[HIGH] as number;
  k += (high >>> 20) - 1023;
  words[HIGH] = (high & 0xfffff) | 0x3ff00000;
  const m = double[0] as number;
  if (m < SQRT2) return k;
  double[0] = 0.5 * m;
  return k + 1;
}

function logSpecial(x: number): number {
  if (x === 0) return Number.NEGATIVE_INFINITY;
  return x > 0 ? x : Number.NaN;
}

/** 2 (s^2 / 3 + s^4 / 5 + …): what log((1 + s) / (1 - s)) has beyond 2 s, over s. |s| <= 0.172. */
function logTail(s: number): number {
  const z = s * s;
  const w = z * z;
  // Odd and even terms apart: two short chains of operations run side by side.
  const even = 2 / 3 + w * (2 / 7 + w * (2 / 11 + w * (2 / 15 + w * (2 / 19 + w * (2 / 23)))));
  const odd = 2 / 5 + w * (2 / 9 + w * (2 / 13 + w * (2 / 17 + w * (2 / 21))));
  return z * (even + z * odd);
}

/** High part of log(m), cut to 32 bits; the rest goes to `second`. */
function logParts(m: number): number {
  const f = m - 1;
  const half = 0.5 * f * f;
  const s = f / (2 + f);
  double[0] = f - half;
  words[LOW] = 0;
  const high = double[0] as number;
  second[0] = f - high - half + s * (half + logTail(s));
  return high;
}

/** a b exactly, as the rounded product plus its error in `second` (Dekker). */
function product(a: number, b: number): number {
  const p = a * b;
  const aBig = SPLITTER * a;
  const aHigh = aBig - (aBig - a);
  const aLow = a - aHigh;
  const bBig = SPLITTER * b;
  const bHigh = bBig - (bBig - b);
  const bLow = b - bHigh;
  second[0] = aHigh * bHigh - p + aHigh * bLow + aLow * bHigh + aLow * bLow;
  return p;
}

/**
 * x^y = 2^(y log2 x) for finite x > 0. The logarithm is carried in two doubles, because a relative error of
 * 2^-53 in it would grow by up to 2^10 in the result.
 */
function powPositive(x: number, y: number): number {
  const k = exponentOf(x);
  const f = (double[0] as number) - 1;
  // s = f / (2 + f) as sHigh + sLow.
  const divisor = 2 + f;
  const sHigh = f / divisor;
  const p1 = product(sHigh, divisor);
  const sLow = (f - p1 - (second[0] as number) - sHigh * (f - (divisor - 2))) / divisor;
  // z = s^2 as zHigh + zLow.
  const zHigh = product(sHigh, sHigh);
  const zLow = (second[0] as number) + 2 * sHigh * sLow;
  // q = 1/3 + z/5 + z^2/7 + … as qHigh + qLow.
  const far = 1 / 15 + zHigh * (1 / 17 + zHigh * (1 / 19 + zHigh * (1 / 21 + zHigh * (1 / 23))));
  const near = 1 / 5 + zHigh * (1 / 7 + zHigh * (1 / 9 + zHigh * (1 / 11 + zHigh * (1 / 13 + zHigh * far))));
  const bulk = zHigh * near;
  const qHigh = THIRD + bulk;
  const qLow = THIRD - qHigh + bulk + THIRD_REST;
  // log m = 2 s (1 + z q), with w = z q as wHigh + wLow and the sum as tHigh + tLow.
  const wHigh = product(zHigh, qHigh);
  const wLow = (second[0] as number) + zHigh * qLow + zLow * qHigh;
  const tHigh = 1 + wHigh;
  const tLow = 1 - tHigh + wHigh + wLow;
  const mHigh = product(2 * sHigh, tHigh);
  const mLow = (second[0] as number) + 2 * (sHigh * tLow + sLow * tHigh);
  // log2 x = k + log m / ln 2 as lHigh + lLow.
  const bHigh = product(mHigh, LOG2E);
  const bLow = (second[0] as number) + mHigh * LOG2E_REST + mLow * LOG2E;
  const lHigh = k + bHigh;
  const lLow = k - lHigh + bHigh + bLow;
  return exp2Product(lHigh, lLow, y);
}

/** 2^(y (high + low)). */
function exp2Product(high: number, low: number, y: number): number {
  if (y * high > 1024) return Number.POSITIVE_INFINITY;
  if (y * high < -1076) return 0;
  const p = product(high, y);
  const rest = (second[0] as number) + low * y;
  const n = Math.floor(p + 0.5);
  const eHigh = product(p - n, LN2);
  const eLow = (second[0] as number) + (p - n) * LN2_REST + rest * LN2;
  return scale(expReduced(eHigh, eLow), n);
}

function powSpecial(x: number, y: number): number {
  if (Number.isNaN(x) || Number.isNaN(y)) return Number.NaN;
  const size = Math.abs(x);
  if (y === Number.POSITIVE_INFINITY || y === Number.NEGATIVE_INFINITY) {
    if (size === 1) return Number.NaN;
    return size > 1 === y > 0 ? Number.POSITIVE_INFINITY : 0;
  }
  const whole = Math.floor(y) === y;
  const negative = x < 0 || Object.is(x, -0);
  if (negative && size > 0 && size < Number.POSITIVE_INFINITY && !whole) return Number.NaN;
  const sign = negative && whole && Math.abs(y % 2) === 1 ? -1 : 1;
  if (size === 0) return sign * (y > 0 ? 0 : Number.POSITIVE_INFINITY);
  if (size === Number.POSITIVE_INFINITY) return sign * (y > 0 ? Number.POSITIVE_INFINITY : 0);
  if (size === 1) return sign;
  // Beyond 1e19 every other base has long over- or underflowed.
  if (Math.abs(y) >= 1e19) return size > 1 === y > 0 ? Number.POSITIVE_INFINITY : 0;
  return sign * powPositive(size, y);
}

/** Quadrant 0..3 of an angle; leaves its distance to the quadrant's middle axis in `double` + `second`. */
function reduceAngle(x: number): number {
  if (Math.abs(x) > ANGLE_MAX && x < Number.POSITIVE_INFINITY && x > Number.NEGATIVE_INFINITY) {
    throw new RangeError(`angle ${x} is beyond 2^40 radians, where a double no longer resolves it`);
  }
  const k = Math.floor(x * TWO_OVER_PI + 0.5);
  const p1 = product(k, HALF_PI[0]);
  const r1 = x - p1;
  const low1 = second[0] as number;
  const p2 = product(k, HALF_PI[1]);
  const low2 = (second[0] as number) + k * HALF_PI[2];
  const sum = r1 - low1;
  const rest = r1 - sum - low1;
  const high = sum - p2;
  const low = sum - high - p2 + (rest - low2);
  const angle = high + low;
  double[0] = angle;
  second[0] = high - angle + low;
  return k - 4 * Math.floor(k / 4);
}

/** sin(x + low) for |x| <= pi / 4. */
function sinReduced(x: number, low: number): number {
  const z = x * x;
  const far = -1 / 39916800 + z * (1 / 6227020800 + z * (-1 / 1307674368000 + z * (1 / 355687428096000)));
  const series = -1 / 6 + z * (1 / 120 + z * (-1 / 5040 + z * (1 / 362880 + z * far)));
  return x + (z * x * series + low * (1 - 0.5 * z));
}

/** cos(x + low) for |x| <= pi / 4. */
function cosReduced(x: number, low: number): number {
  const z = x * x;
  const far = 1 / 479001600 + z * (-1 / 87178291200 + z * (1 / 20922789888000 + z * (-1 / 6402373705728000)));
  const series = 1 / 24 + z * (-1 / 720 + z * (1 / 40320 + z * (-1 / 3628800 + z * far)));
  const half = 0.5 * z;
  const near = 1 - half;
  return near + (1 - near - half + (z * z * series - x * low));
}

function powersOfTwo(): Float64Array {
  const table = new Float64Array(EXPONENT_MAX - EXPONENT_MIN + 1);
  let up = 1;
  for (let k = 0; k <= EXPONENT_MAX; k++) {
    table[k - EXPONENT_MIN] = up;
    up *= 2;
  }
  let down = 1;
  for (let k = 0; k >= EXPONENT_MIN; k--) {
    table[k - EXPONENT_MIN] = down;
    down /= 2;
  }
  return table;
}

function highWordIndex(): 0 | 1 {
  double[0] = 1;
  return words[1] === 0 ? 0 : 1;
}
