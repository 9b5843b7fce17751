/**
 * Recorded or planned transfers as text: CSV with a header, or one JSON object a line. Columns, in any order: `start`
 * (seconds; `start_ms`, `start_us` and `start_ns` say others), `from` and `to` (accelerators), `bytes`. Other columns
 * are passed over. Lines that begin with # and empty ones do not count.
 */

import type { Location } from "../../base/problem.ts";
import type { Seconds } from "../../base/quantity.ts";
import type { Message } from "./message.ts";

export interface TraceProblem {
  readonly location: Location;
  readonly message: string;
  readonly hint?: string;
}

export interface Trace {
  /** In the order of their starts; the first starts at 0. */
  readonly messages: readonly Message[];
  /** The first ones; reading stops when there are many. */
  readonly problems: readonly TraceProblem[];
  /** Start of the first as written. */
  readonly origin: Seconds;
}

/** Most problems of one file that are worth reading. */
const problemsMost = 20;
/** Most transfers of a trace: what a replay holds in memory. */
export const messagesMost = 1_000_000;

/** Reads a trace for a cluster of so many accelerators. */
export function readTrace(text: string, endpoints: number): Trace {
  const problems: TraceProblem[] = [];
  const messages: Message[] = [];
  let columns: Columns | undefined;
  let line = 0;
  for (const written of text.split(/\r\n|\r|\n/)) {
    line++;
    const row = written.trim().replace(/^\uFEFF/, "");
    if (row === "" || row.startsWith("#")) continue;
    const fail = (message: string, hint?: string): void => {
      problems.push({ location: { line, column: 1 }, message, ...(hint === undefined ? {} : { hint }) });
    };
    if (problems.length >= problemsMost) break;
    if (messages.length >= messagesMost) {
      fail(`more than ${messagesMost} transfers`, "write a shorter trace");
      break;
    }
    const fields = row.startsWith("{") ? objectFields(row) : columns?.fields(row);
    if (fields === undefined && columns === undefined && !row.startsWith("{")) {
      columns = columnsOf(row);
      if (columns === undefined) {
        fail(
          `"${row.slice(0, 60)}" names no columns`,
          "begin with start,from,to,bytes, or write one JSON object a line",
        );
        break;
      }
      continue;
    }
    const message = fields === undefined ? "it is not an object of JSON" : messageOf(fields, endpoints);
    if (typeof message === "string") fail(message, hintOf(message, endpoints));
    else messages.push(message);
  }
  if (messages.length === 0 && problems.length === 0) {
    problems.push({ location: { line: 1, column: 1 }, message: "there are no transfers here" });
  }
  const origin = messages.reduce((least, { start }) => Math.min(least, start), messages[0]?.start ?? 0);
  const sorted = messages.map((message) => ({ ...message, start: message.start - origin }));
  return { messages: sorted.sort((a, b) => a.start - b.start), problems, origin };
}

type Fields = Readonly<Record<string, unknown>>;

interface Columns {
  fields(row: string): Fields;
}

/** Seconds of one unit of each column of starts. */
const startUnits: Readonly<Record<string, number>> = { start: 1, start_ms: 1e-3, start_us: 1e-6, start_ns: 1e-9 };
const others = ["from", "to", "bytes"];

/** Names of columns; a row without a known one is none. */
function columnsOf(header: string): Columns | undefined {
  const names = header.split(separatorOf(header)).map((name) => name.trim().toLowerCase().replace(/^"|"$/g, ""));
  if (!names.some((name) => name in startUnits || others.includes(name))) return undefined;
  return {
    fields(row) {
      const values = row.split(separatorOf(header)).map((value) => value.trim().replace(/^"|"$/g, ""));
      return Object.fromEntries(names.map((name, index) => [name, values[index]]));
    },
  };
}

function separatorOf(header: string): string {
  return [",", ";", "\t"].find((separator) => header.includes(separator)) ?? ",";
}

function objectFields(row: string): Fields | undefined {
  try {
    return JSON.parse(row) as Fields;
  } catch {
    return undefined;
  }
}

/** The message, or what is wrong with the first field that is. */
function messageOf(fields: Fields, endpoints: number): Message | string {
  const unit = Object.keys(startUnits).find((name) => fields[name] !== undefined) ?? "start";
  const start = numberOf(fields[unit]) * (startUnits[unit] ?? 1);
  if (!(start >= 0 && start < Number.POSITIVE_INFINITY)) return `${unit} is ${shown(fields[unit])}`;
  for (const name of ["from", "to"]) {
    const value = numberOf(fields[name]);
    if (!(Number.isInteger(value) && value >= 0 && value < endpoints)) return `${name} is ${shown(fields[name])}`;
  }
  const size = numberOf(fields.bytes);
  if (!(size > 0 && size <= Number.MAX_SAFE_INTEGER)) return `bytes is ${shown(fields.bytes)}`;
  const [from, to] = [numberOf(fields.from), numberOf(fields.to)];
  return from === to ? `from and to are both ${from}` : { start, from, to, size };
}

function numberOf(value: unknown): number {
  if (typeof value === "number") return value;
  return typeof value === "string" && value !== "" ? Number(value) : Number.NaN;
}

function shown(value: unknown): string {
  return value === undefined || value === "" ? "missing" : `"${String(value).slice(0, 40)}"`;
}

function hintOf(message: string, endpoints: number): string | undefined {
  if (/^(from|to) is/.test(message)) return `accelerators are 0 to ${endpoints - 1}`;
  if (message.startsWith("bytes")) return "expected a number of bytes above 0";
  return message.startsWith("start") ? "expected a time of 0 or more" : undefined;
}
