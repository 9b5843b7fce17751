/** Tokens of requests: which law a length is written as, and how long it can get. */

import type { LengthLaw } from "../../workload/request/spec.ts";
import type { LengthObject, LengthText } from "../schema/requests.ts";
import type { Files } from "./model.ts";
import { type Notes, problem } from "./notes.ts";
import { numbersFile } from "./numbers-file.ts";

/** Tokens of one request at most, as in the schema. */
const tokensMost = 100_000_000;

/** The law; nothing where a problem stands in the way. */
export function resolveLength(written: LengthText, path: string, files: Files, notes: Notes): LengthLaw | undefined {
  if (typeof written === "number") return { kind: "constant", value: written };
  const { least, most } = written;
  if (least !== undefined && most !== undefined && least > most) {
    problem(notes, `${path}.least`, `${least} is more than most, ${most}`);
    return undefined;
  }
  const law = lawOf(written, path, files, notes);
  if (law === undefined) return undefined;
  return { ...law, ...(least === undefined ? {} : { least }), ...(most === undefined ? {} : { most }) };
}

/** The keys of each law; the first says which it is. */
const laws = [
  ["mean", "deviation"],
  ["median", "sigma"],
  ["from", "to"],
  ["exponential"],
  ["samples"],
  ["histogram"],
  ["file"],
] as const satisfies readonly (readonly (keyof LengthObject)[])[];

function lawOf(written: LengthObject, path: string, files: Files, notes: Notes): LengthLaw | undefined {
  const used = laws.filter((keys) => keys.some((key) => written[key] !== undefined));
  const [law, other] = used;
  if (law === undefined || other !== undefined) {
    const message = law === undefined ? "missing; expected a law of lengths" : `both ${used.map(words).join(" and ")}`;
    problem(notes, path, message, `write one of ${laws.map(words).join("; ")}`);
    return undefined;
  }
  const missing = law.filter((key) => written[key] === undefined);
  for (const key of missing) problem(notes, `${path}.${key}`, `missing; ${law[0]} needs it`, `write ${words(law)}`);
  if (missing.length > 0) return undefined;
  const { mean = 0, deviation = 0, median = 0, sigma = 0, from = 0, to = 0, exponential = 0 } = written;
  switch (law[0]) {
    case "mean":
      return { kind: "normal", mean, deviation };
    case "median":
      return { kind: "lognormal", median, sigma };
    case "from":
      if (from <= to) return { kind: "uniform", from, to };
      problem(notes, `${path}.from`, `${from} is more than to, ${to}`);
      return undefined;
    case "exponential":
      return { kind: "exponential", mean: exponential };
    case "samples":
      return { kind: "values", values: written.samples ?? [] };
    case "histogram":
      return histogram(written.histogram ?? [], path, notes);
    case "file":
      return fromFile(written.file ?? "", path, files, notes);
  }
}

function words(keys: readonly string[]): string {
  return keys.join(", ");
}

/** Places in a bin of a histogram that its share is spread over. */
const placesMost = 32;

/** Shares by length: each spread evenly over its bin. */
function histogram(bins: NonNullable<LengthObject["histogram"]>, path: string, notes: Notes): LengthLaw | undefined {
  const before = notes.problems.length;
  const [values, weights]: [number[], number[]] = [[], []];
  let last = 0;
  for (const [index, { upTo, share }] of bins.entries()) {
    const width = upTo - last;
    if (width <= 0) {
      const message = `${upTo} is not more than ${last} before it`;
      problem(notes, `${path}.histogram[${index}].upTo`, message, "in rising order");
      break;
    }
    const places = Math.min(width, placesMost);
    for (let place = 1; place <= places; place++) {
      values.push(last + Math.round((place * width) / places));
      weights.push(share / places);
    }
    last = upTo;
  }
  const sum = bins.reduce((total, { share }) => total + share, 0);
  if (Math.abs(sum - 1) > 1e-6) {
    const message = `the shares add up to ${Number((100 * sum).toPrecision(6))} %, expected 100 %`;
    problem(notes, `${path}.histogram`, message);
  }
  return notes.problems.length > before ? undefined : { kind: "values", values, weights };
}

function fromFile(file: string, path: string, files: Files, notes: Notes): LengthLaw | undefined {
  const accepts = (value: number): boolean => Number.isInteger(value) && value >= 1 && value <= tokensMost;
  const wanted = { path: `${path}.file`, expected: "one length a line", accepts };
  const values = numbersFile(file, wanted, files, notes);
  return values === undefined ? undefined : { kind: "values", values };
}
