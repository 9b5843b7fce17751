/** Reading committed records: a file is a JSON array of records. All problems are collected before any is reported. */

import { type Problem, ProblemError } from "../base/problem.ts";
import { suggestion } from "../base/suggestion.ts";
import type { EvidenceRecord } from "./record.ts";

const recordKeys = [
  "windtunnel",
  "name",
  "id",
  "kind",
  "source",
  "seenAt",
  "use",
  "cluster",
  "workload",
  "layout",
  "serving",
  "software",
  "flopConvention",
  "measured",
  "unconverted",
  "inferred",
  "assumptions",
  "quote",
  "notes",
  "anomaly",
  "calibration",
] as const;

const wanted = "expected a JSON array of evidence records; scenarios are for windtunnel predict";

const quoteLength = 200;

/**
 * Records of one file.
 * @param file its name, printed with problems.
 * @throws ProblemError with every problem.
 */
export function parseRecords(text: string, file = "evidence"): readonly EvidenceRecord[] {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    const why = (error instanceof Error ? error.message : String(error)).replace(
      /,? ?".*"(\.\.\.)? is not valid JSON$/s,
      "",
    );
    throw new ProblemError([{ path: file, message: `not JSON: ${why}`, hint: wanted }]);
  }
  if (!Array.isArray(value)) {
    throw new ProblemError([{ path: file, message: "found no list of records", hint: wanted }]);
  }
  const problems = value.flatMap((record: unknown, index) => recordProblems(record, `${file}[${index}]`));
  if (problems.length > 0) throw new ProblemError(problems);
  return (value as readonly WrittenRecord[]).map(complete);
}

/** A record as a person may write it: what only imports know may be left out. */
type Optional =
  | "seenAt"
  | "unconverted"
  | "inferred"
  | "assumptions"
  | "quote"
  | "notes"
  | "layout"
  | "software"
  | "use";
type WrittenRecord = Omit<EvidenceRecord, Optional> & Partial<Pick<EvidenceRecord, Optional>>;

function complete(record: WrittenRecord): EvidenceRecord {
  const some = record.measured.some(({ primary }) => primary === true);
  return {
    ...record,
    use: record.use ?? "judge",
    unconverted: record.unconverted ?? [],
    inferred: record.inferred ?? [],
    assumptions: record.assumptions ?? [],
    quote: record.quote ?? "",
    notes: record.notes ?? "",
    measured: record.measured.map((entry, index) => ({
      ...entry,
      primary: some ? entry.primary === true : index === 0,
    })),
  };
}

function recordProblems(value: unknown, path: string): readonly Problem[] {
  if (!isObject(value)) return [{ path, message: "expected an object" }];
  const place = typeof value.id === "string" ? `${path} (${value.id})` : path;
  const problems: Problem[] = [];
  const expect = (ok: boolean, key: string, expected: string, hint?: string): void => {
    if (!ok) problems.push({ path: `${place}.${key}`, message: `expected ${expected}`, ...(hint ? { hint } : {}) });
  };
  for (const key of ["id", "kind", "name"]) expect(typeof value[key] === "string", key, "text");
  for (const key of ["cluster", "workload", "source"]) expect(isObject(value[key]), key, "an object");
  const use = value.use === undefined || value.use === "fit" || value.use === "judge";
  expect(use, "use", "fit or judge", "fit: calibration may use it; judge: it only measures error");
  for (const key of ["inferred", "assumptions", "unconverted"]) {
    expect(value[key] === undefined || Array.isArray(value[key]), key, "a list");
  }
  expect(
    typeof value.quote !== "string" || value.quote.length <= quoteLength,
    "quote",
    `at most ${quoteLength} characters`,
  );
  for (const key of Object.keys(value)) {
    if ((recordKeys as readonly string[]).includes(key)) continue;
    const near = suggestion(key, recordKeys);
    const hint = near === undefined ? `known keys: ${recordKeys.join(", ")}` : `did you mean "${near}"?`;
    problems.push({ path: `${place}.${key}`, message: `unknown key "${key}"`, hint });
  }
  const measured = Array.isArray(value.measured) ? value.measured : [];
  expect(measured.length > 0, "measured", "at least one measured value");
  measured.forEach((entry: unknown, index) => {
    const metric = isObject(entry) && typeof entry.metric === "string";
    const quantity = isObject(entry) && (typeof entry.value === "string" || typeof entry.value === "number");
    expect(metric && quantity, `measured[${index}]`, "{ metric, value, primary? }");
  });
  return problems;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
