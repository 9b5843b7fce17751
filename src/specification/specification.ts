/**
 * A specification: what to order and how to accept it. The JSON is a contract; whoever holds it needs neither the
 * scenario nor the models. Quantities are plain numbers in the unit that stands beside them.
 */

import { z } from "zod";
import { type Problem, ProblemError } from "../base/problem.ts";

export const specificationFormat = "windtunnel-specification";
export const specificationVersion = 1;

/** What a measurement must reach. */
export interface Limit {
  /** Name of the metric, as predictions have it. */
  readonly metric: string;
  readonly unit: string;
  /** Bytes that one call moves, as collective tests count them. */
  readonly size?: number;
  readonly direction: "at-least" | "at-most";
  /** Null where nothing predicts it: it is given. */
  readonly predicted: number | null;
  /** Null where no error is known: the value is written down and judges nothing. */
  readonly threshold: number | null;
  readonly trust: "given" | "measured" | "interpolated" | "extrapolated" | "assumed";
  /** How the prediction comes about. */
  readonly formula: string;
  /** What made a threshold of it, or why there is none. */
  readonly reason: string;
  /** Keys of the catalog's sources. */
  readonly sources: readonly string[];
}

export interface SpecifiedTest {
  readonly id: string;
  /** Requirement that it verifies. */
  readonly requirement: string;
  readonly kind: "collective" | "gemm" | "memory" | "link" | "storage" | "training-step" | "serving";
  readonly title: string;
  readonly scope: "accelerator" | "node" | "node-pair" | "cluster";
  /** How many logs are asked for: one a node, one a pair. */
  readonly logs: number;
  readonly command: string;
  /** What tells its logs from those of others. */
  readonly match: Readonly<Record<string, string | number>>;
  readonly limits: readonly Limit[];
}

export interface Requirement {
  readonly id: string;
  readonly text: string;
  readonly verification: "test" | "inspection";
}

export interface Figure {
  readonly of: string;
  readonly what: string;
  /** Null where no public source says. */
  readonly value: number | null;
  readonly unit: string;
  readonly sources: readonly string[];
}

export interface OrderLine {
  readonly item: string;
  readonly count: number | null;
  /** What it is, or why the count is unknown. */
  readonly note: string;
}

/** What owning costs: a least and a most, the same where one figure is known, null where none is. */
export interface CostLine {
  readonly item: string;
  readonly low: number | null;
  readonly high: number | null;
  readonly unit: string;
  readonly note: string;
}

export interface Specification {
  readonly format: typeof specificationFormat;
  readonly version: typeof specificationVersion;
  readonly name: string;
  readonly kind: string;
  readonly provenance: { readonly version: string; readonly seed: number };
  readonly requirements: readonly Requirement[];
  readonly order: readonly OrderLine[];
  readonly figures: readonly Figure[];
  /** Absent where nothing is rented or bought: exercises of the network, and specifications of before. */
  readonly costs?: readonly CostLine[];
  readonly tests: readonly SpecifiedTest[];
  /** What is not tested, with the reason. */
  readonly notCovered: readonly string[];
  readonly assumptions: readonly { readonly path: string; readonly value: string; readonly reason: string }[];
}

const text = z.string();
const name = z.string().min(1);
const known = z.number();

const limit: z.ZodType<Limit> = z.strictObject({
  metric: name,
  unit: name,
  size: known.exactOptional(),
  direction: z.enum(["at-least", "at-most"]),
  predicted: known.nullable(),
  threshold: known.nullable(),
  trust: z.enum(["given", "measured", "interpolated", "extrapolated", "assumed"]),
  formula: text,
  reason: text,
  sources: z.array(name),
});

const test: z.ZodType<SpecifiedTest> = z.strictObject({
  id: name,
  requirement: name,
  kind: z.enum(["collective", "gemm", "memory", "link", "storage", "training-step", "serving"]),
  title: text,
  scope: z.enum(["accelerator", "node", "node-pair", "cluster"]),
  logs: z.int().min(1),
  command: text,
  match: z.record(z.string(), z.union([z.string(), z.number()])),
  limits: z.array(limit).min(1),
});

const figure: z.ZodType<Figure> = z.strictObject({
  of: name,
  what: name,
  value: known.nullable(),
  unit: name,
  sources: z.array(name),
});

const cost: z.ZodType<CostLine> = z.strictObject({
  item: name,
  low: known.nullable(),
  high: known.nullable(),
  unit: name,
  note: text,
});

const requirement: z.ZodType<Requirement> = z.strictObject({
  id: name,
  text,
  verification: z.enum(["test", "inspection"]),
});

const schema: z.ZodType<Specification> = z.strictObject({
  format: z.literal(specificationFormat),
  version: z.literal(specificationVersion),
  name: text,
  kind: name,
  provenance: z.strictObject({ version: name, seed: known }),
  requirements: z.array(requirement),
  order: z.array(z.strictObject({ item: name, count: known.nullable(), note: text })),
  figures: z.array(figure),
  costs: z.array(cost).exactOptional(),
  tests: z.array(test),
  notCovered: z.array(text),
  assumptions: z.array(z.strictObject({ path: text, value: text, reason: text })),
});

/** Whether a text says that it is a specification, of whatever version, sound or not. */
export function isSpecification(content: string): boolean {
  const value = parsed(content);
  return typeof value === "object" && value !== null && "format" in value && "tests" in value;
}

function parsed(content: string): unknown {
  if (!content.trimStart().startsWith("{")) return undefined;
  try {
    return JSON.parse(content);
  } catch (error) {
    // A scenario in YAML may begin with a brace too; the caller reads it as one.
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

const again = "write it again with windtunnel spec SCENARIO -o FILE.json";

/** @throws ProblemError: another format or version, a file that was cut or changed. */
export function readSpecification(content: string, file: string): Specification {
  const value = parsed(content) as Readonly<Record<string, unknown>> | undefined;
  if (value === undefined) throw refused({ path: "format", message: `${file} is no JSON`, hint: again });
  if (value.format !== specificationFormat) {
    const message = `unknown format "${String(value.format)}" in ${file}; expected "${specificationFormat}"`;
    throw refused({ path: "format", message, hint: again });
  }
  if (value.version !== specificationVersion) {
    const message = `${file} has version ${String(value.version)}, this program reads version ${specificationVersion}`;
    throw refused({ path: "version", message, hint: again });
  }
  const found = schema.safeParse(value);
  if (found.success) return checked(found.data, file);
  throw new ProblemError(
    found.error.issues.map(({ path, message }): Problem => ({ path: path.join("."), message, hint: again })),
  );
}

/** Names are unique, and tests verify requirements that are there. */
function checked(specification: Specification, file: string): Specification {
  const problems: Problem[] = [];
  const requirements = new Set(specification.requirements.map(({ id }) => id));
  const seen = new Set<string>();
  for (const [index, { id, requirement }] of specification.tests.entries()) {
    const path = `tests.${index}`;
    if (seen.has(id)) problems.push({ path: `${path}.id`, message: `${id} is there twice in ${file}`, hint: again });
    seen.add(id);
    if (requirements.has(requirement)) continue;
    problems.push({ path: `${path}.requirement`, message: `${requirement} is no requirement of ${file}`, hint: again });
  }
  if (problems.length > 0) throw new ProblemError(problems);
  return specification;
}

function refused(problem: Problem): ProblemError {
  return new ProblemError([problem]);
}
