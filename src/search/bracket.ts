/**
 * The border between values that do and values that do not, of a condition that holds up to some value and no further:
 * doubled until it is passed, then halved. Every value is asked for once.
 */

/** What a search found. */
export interface Bracket {
  /** The largest value that holds, undefined where none does. */
  readonly holds: number | undefined;
  /** The smallest value that does not, undefined where all do up to the limit. */
  readonly fails: number | undefined;
}

export interface BracketOptions {
  /** First value looked at; it lies between the limits. */
  readonly start: number;
  readonly least: number;
  readonly most: number;
  /** Values nearer than this ratio are the same. */
  readonly ratio: number;
}

/** A search that asks whether values hold, one after another. */
export type Asking = Generator<number, Bracket, boolean>;

/** The border on a scale of ratios. `holds` is asked at most some 2 log2(most / least) times. */
export function largestThat(holds: (value: number) => boolean, options: BracketOptions): Bracket {
  return answered(askingLargest(options), holds);
}

/** The smallest whole number in [least, most] that holds, where every larger one holds too. */
export function fewestThat(holds: (value: number) => boolean, limits: Parameters<typeof askingFewest>[0]): Bracket {
  return answered(askingFewest(limits), holds);
}

function answered(asking: Asking, holds: (value: number) => boolean): Bracket {
  let asked = asking.next();
  while (asked.done !== true) asked = asking.next(holds(asked.value));
  return asked.value;
}

/** `largestThat`, for whoever answers in their own time. */
export function* askingLargest({ start, least, most, ratio }: BracketOptions): Asking {
  let low: number | undefined;
  let high: number | undefined;
  let value = start;
  while (low === undefined || high === undefined) {
    if (yield value) {
      low = value;
      if (value >= most) return { holds: most, fails: undefined };
      value = Math.min(most, 2 * value);
    } else {
      high = value;
      if (value <= least) return { holds: undefined, fails: least };
      value = Math.max(least, value / 2);
    }
  }
  while (high > low * ratio) {
    const middle = Math.sqrt(low * high);
    if (yield middle) low = middle;
    else high = middle;
  }
  return { holds: low, fails: high };
}

/** `fewestThat`, for whoever answers in their own time. */
export function* askingFewest({ least, most }: { readonly least: number; readonly most: number }): Asking {
  let high = least;
  let low = least - 1;
  while (!(yield high)) {
    if (high >= most) return { holds: undefined, fails: most };
    low = high;
    high = Math.min(most, 2 * high);
  }
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (yield middle) high = middle;
    else low = middle;
  }
  return { holds: high, fails: low < least ? undefined : low };
}
