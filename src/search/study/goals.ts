/** What a study wants: metrics to minimise or maximise, and limits. Read against the metrics that its points really give. */

import { type Problem, ProblemError } from "../../base/problem.ts";
import { type Dimension, dimensions, formatQuantity, parseQuantity } from "../../base/quantity.ts";
import { suggestion } from "../../base/suggestion.ts";
import { inOrder, type LimitText, locate, type StudySource, type Written } from "../../scenario/index.ts";

export interface Goal {
  readonly metric: string;
  readonly direction: "minimize" | "maximize";
}

export interface Limit {
  readonly metric: string;
  readonly sense: "atMost" | "atLeast";
  /** In SI units. */
  readonly value: number;
  readonly written: Written;
}

export interface Wants {
  readonly goals: readonly Goal[];
  readonly limits: readonly Limit[];
}

/** Unit of each metric. */
export type Units = Readonly<Record<string, string>>;

const dimensionOf: Readonly<Record<string, Dimension>> = {
  s: "seconds",
  B: "bytes",
  "B/s": "bytesPerSecond",
  "token/s": "perSecond",
  "1/s": "perSecond",
  "flop/s": "flopPerSecond",
  "1": "ratio",
  USD: "dollars",
  J: "joules",
  W: "watts",
  "USD/s": "dollarsPerSecond",
  "USD/J": "dollarsPerJoule",
};

/** What a metric of this unit is a quantity of. */
export function dimensionOfUnit(unit: string | undefined): Dimension {
  return dimensionOf[unit ?? ""] ?? "ratio";
}

/** A value of a metric for people. */
export function shownMetric(value: number, unit: string | undefined): string {
  const dimension = dimensionOf[unit ?? ""];
  if (unit === "1") return value <= 1 ? formatQuantity(value, "ratio") : formatQuantity(value, "count");
  return dimension === undefined ? String(value) : formatQuantity(value, dimension);
}

/** What a study, or a scenario with limits, wishes for, as written. */
export type Wished = Partial<Pick<StudySource, "objective" | "constraints" | "places">>;

/** @throws ProblemError: metrics that no point has, limits of another kind, limits that contradict each other. */
export function wantsOf(study: Wished, units: Units): Wants {
  const problems: Problem[] = [];
  const goals = (study.objective ?? []).map((text, index): Goal => {
    const path = `objective[${index}]`;
    const metric = text.minimize ?? text.maximize ?? "";
    if ((text.minimize === undefined) === (text.maximize === undefined)) {
      problems.push({ path, message: "expected either minimize or maximize", hint: "one entry for each metric" });
    } else
      problems.push(
        ...unknownMetric(`${path}.${text.minimize === undefined ? "maximize" : "minimize"}`, metric, units),
      );
    return { metric, direction: text.minimize === undefined ? "maximize" : "minimize" };
  });
  goals.forEach(({ metric }, index) => {
    if (goals.findIndex((each) => each.metric === metric) === index) return;
    problems.push({
      path: `objective[${index}]`,
      message: `${metric} is an objective twice`,
      hint: "remove one of them",
    });
  });
  const limits = (study.constraints ?? []).flatMap((text, index) =>
    limitsOf(text, `constraints[${index}]`, { units, problems }),
  );
  problems.push(...contradictions(limits));
  if (problems.length > 0) throw new ProblemError(inOrder(problems.map((problem) => locate(problem, study.places))));
  return { goals, limits: limits.map(({ path: _, ...limit }) => limit) };
}

/** The share of memory that constraints ask to stay free; nothing where they ask for none. */
export function marginOf({ constraints = [] }: Wished): number | undefined {
  const shares = constraints.flatMap(({ metric, atLeast }) => {
    const share = metric === "memoryMargin" && atLeast !== undefined ? parseQuantity(atLeast, "ratio") : undefined;
    return share?.ok === true && share.value > 0 && share.value < 1 ? [share.value] : [];
  });
  return shares.length === 0 ? undefined : Math.max(...shares);
}

function unknownMetric(path: string, metric: string, units: Units): Problem[] {
  const known = Object.keys(units);
  if (known.length === 0 || known.includes(metric)) return [];
  const near = suggestion(metric, known);
  const hint = near === undefined ? `metrics here: ${known.join(", ")}` : `did you mean "${near}"?`;
  return [{ path, message: `no point of this study has a metric "${metric}"`, hint }];
}

type Placed = Limit & { readonly path: string };

function limitsOf(
  { metric, atMost, atLeast }: LimitText,
  path: string,
  { units, problems }: { readonly units: Units; readonly problems: Problem[] },
): readonly Placed[] {
  const unknown = unknownMetric(`${path}.metric`, metric, units);
  problems.push(...unknown);
  if (atMost === undefined && atLeast === undefined) {
    problems.push({
      path,
      message: "missing; expected atMost or atLeast",
      hint: `e.g. { metric: ${metric}, atMost: … }`,
    });
  }
  if (unknown.length > 0 || units[metric] === undefined) return [];
  const dimension = dimensionOfUnit(units[metric]);
  return (["atMost", "atLeast"] as const).flatMap((sense): Placed[] => {
    const written = sense === "atMost" ? atMost : atLeast;
    if (written === undefined) return [];
    const parsed = parseQuantity(written, dimension);
    if (parsed.ok) return [{ path, metric, sense, value: parsed.value, written }];
    const { noun, example, units: spelled } = dimensions[dimension];
    const hint = parsed.hint ?? `${metric} is ${noun}, e.g. "${example}${spelled[0] ?? ""}"`;
    problems.push({ path: `${path}.${sense}`, message: parsed.message, hint });
    return [];
  });
}

/** A metric at least what it is at most less than. */
function contradictions(limits: readonly Placed[]): Problem[] {
  return limits.flatMap((low) => {
    if (low.sense !== "atLeast") return [];
    const high = limits.find(
      ({ metric, sense, value }) => metric === low.metric && sense === "atMost" && value < low.value,
    );
    if (high === undefined) return [];
    const message = `nothing can keep this: ${low.metric} at least ${low.written} and at most ${high.written}`;
    return [{ path: low.path, message, hint: "change one of the limits" }];
  });
}
