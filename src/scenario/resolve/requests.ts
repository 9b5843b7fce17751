/**
 * `workload.requests` of kind serving: which form it has, what that form needs, and the described workload that it
 * becomes. Traces are read in `request-trace.ts`.
 */

import type { Seconds } from "../../base/quantity.ts";
import type { ClassSpec, LengthLaw, RequestSpec, SessionLaw, Stage } from "../../workload/request/spec.ts";
import type { PauseText, RequestsText } from "../schema/requests.ts";
import type { RequestsDesign } from "../serving/design.ts";
import type { Files } from "./model.ts";
import { given, type Notes, problem } from "./notes.ts";
import { lawOf, type RequestsContext, requestsPath } from "./request-arrivals.ts";
import { resolveLength } from "./request-lengths.ts";
import { resolveTrace } from "./request-trace.ts";

type Form = "trace" | "open" | "users" | "batch";

/** The requests; nothing where a problem stands in the way. */
export function resolveRequests(
  written: RequestsText,
  context: RequestsContext,
  notes: Notes,
): RequestsDesign | undefined {
  const form = formOf(written, notes);
  if (form === undefined) return undefined;
  uselessKeys(written, form, notes);
  if (form === "trace") return resolveTrace(written, context, notes);
  const before = notes.problems.length;
  const spec = described(written, form, context, notes);
  return spec === undefined || notes.problems.length > before ? undefined : { source: "described", spec };
}

/** The key that makes each form; a rate or stages alone are arrivals. */
function formOf(written: RequestsText, notes: Notes): Form | undefined {
  const open = written.arrivals ?? written.stages ?? written.rate;
  const forms: [Form, string, unknown][] = [
    ["trace", "trace", written.trace],
    ["users", "users", written.users],
    ["open", "arrivals", written.trace === undefined ? open : undefined],
  ];
  const [first, second] = forms.filter(([, , value]) => value !== undefined);
  if (first !== undefined && second !== undefined) {
    const message = `requests have either ${first[1]} or ${second[1]}`;
    problem(notes, `${requestsPath}.${first[1]}`, message, "remove one of them");
    return undefined;
  }
  if (first !== undefined) return first[0];
  if (written.count !== undefined) return "batch";
  const hint = "a trace, arrivals with a rate, users, or count (with concurrency) for a batch";
  problem(notes, requestsPath, "missing; expected where requests come from", hint);
  return undefined;
}

const always = ["timeout", "count"];
const lengths = ["input", "output", "prefix", "session", "classes", "adapters"];
const law = ["arrivals", "variation", "burstSize", "rate"];

/** Keys that each form reads. */
const read: Readonly<Record<Form, readonly string[]>> = {
  trace: [
    ...always,
    ...law,
    "trace",
    "format",
    "lengths",
    "window",
    "ticks",
    "longestPause",
    "skipBadLines",
    "tooLong",
  ],
  open: [...always, ...lengths, ...law, "stages", "duration", "concurrency"],
  users: [...always, ...lengths, "users", "thinkTime"],
  batch: [...always, ...lengths, "concurrency"],
};

const formNames: Readonly<Record<Form, string>> = {
  trace: "a trace",
  open: "arrivals",
  users: "users",
  batch: "a batch",
};

function uselessKeys(written: RequestsText, form: Form, notes: Notes): void {
  for (const [key, value] of Object.entries(written)) {
    if (value === undefined || read[form].includes(key)) continue;
    problem(notes, `${requestsPath}.${key}`, `has no effect with ${formNames[form]}`, "remove it");
  }
}

/** Content is cut in blocks of the usual size, whatever the engine's. */
const chunkTokens = 16;

function described(
  written: RequestsText,
  form: Exclude<Form, "trace">,
  context: RequestsContext,
  notes: Notes,
): RequestSpec | undefined {
  const arrival = arrivalOf(written, form, notes);
  const classes = classesOf(written, context, notes);
  const prefix = prefixOf(written, context.files, notes);
  const session = sessionOf(written, context.files, notes);
  if (arrival === undefined || classes === undefined) return undefined;
  return {
    seed: context.seed,
    arrival,
    count: written.count ?? Number.POSITIVE_INFINITY,
    classes,
    ...(prefix === undefined ? {} : { prefix }),
    ...(session === undefined ? {} : { session }),
    chunkTokens,
  };
}

function arrivalOf(
  written: RequestsText,
  form: Exclude<Form, "trace">,
  notes: Notes,
): RequestSpec["arrival"] | undefined {
  if (form === "open") return openArrival(written, notes);
  if (written.count === undefined) {
    problem(notes, `${requestsPath}.count`, "missing; expected the requests in all", "e.g. count: 1000");
    return undefined;
  }
  if (form === "batch") return { kind: "batch", concurrency: written.concurrency ?? 0 };
  return { kind: "users", users: written.users ?? 1, think: pauseOf(written.thinkTime, "thinkTime", notes) };
}

function openArrival(written: RequestsText, notes: Notes): RequestSpec["arrival"] | undefined {
  const law = lawOf(written, notes);
  const stages = stagesOf(written, notes);
  if (law === undefined || stages === undefined) return undefined;
  const { concurrency } = written;
  return { kind: "open", law, stages, ...(concurrency === undefined ? {} : { concurrency }) };
}

function stagesOf({ stages, rate, duration, count }: RequestsText, notes: Notes): readonly Stage[] | undefined {
  if (stages !== undefined) {
    for (const [key, value] of [
      ["rate", rate],
      ["duration", duration],
    ] as const) {
      if (value !== undefined) problem(notes, `${requestsPath}.${key}`, "has no effect with stages", "remove it");
    }
    return stages;
  }
  if (rate?.perSecond === undefined) {
    const hint = "e.g. rate: 12 /s, or stages: [{ rate: 12 /s, duration: 60 s }]";
    const message = rate === undefined ? "missing; expected requests per second" : "a factor is for traces";
    problem(notes, `${requestsPath}.rate`, message, hint);
    return undefined;
  }
  if (count === undefined && duration === undefined) {
    problem(notes, `${requestsPath}.count`, "missing; expected when arrivals end", "count, or duration");
    return undefined;
  }
  return [{ rate: rate.perSecond, duration: duration ?? Number.POSITIVE_INFINITY }];
}

/** One class with everything, or those that are written; what a class leaves out is that of all. */
function classesOf(written: RequestsText, { files }: RequestsContext, notes: Notes): readonly ClassSpec[] | undefined {
  const common = {
    input: lengthAt(written.input, `${requestsPath}.input`, files, notes),
    output: lengthAt(written.output, `${requestsPath}.output`, files, notes),
  };
  const texts = written.classes ?? [{ name: "all", share: 1 }];
  checkClasses(written, notes);
  const classes = texts.map((text, index): ClassSpec | undefined => {
    const path = written.classes === undefined ? requestsPath : `${requestsPath}.classes[${index}]`;
    const own = {
      input: text.input === undefined ? common.input : lengthAt(text.input, `${path}.input`, files, notes),
      output: text.output === undefined ? common.output : lengthAt(text.output, `${path}.output`, files, notes),
    };
    const { input, output } = own;
    for (const key of ["input", "output"] as const) {
      if (text[key] !== undefined || written[key] !== undefined) continue;
      problem(notes, `${path}.${key}`, "missing; expected its tokens", `e.g. ${key}: 512`);
    }
    if (input === undefined || output === undefined) return undefined;
    const { name, share, priority = 0 } = text;
    const timeout: Seconds = text.timeout ?? written.timeout ?? Number.POSITIVE_INFINITY;
    return { name, share, priority, timeout, input, output, adapters: text.adapters ?? written.adapters ?? [] };
  });
  return classes.every((each) => each !== undefined) ? classes : undefined;
}

function checkClasses({ classes = [] }: RequestsText, notes: Notes): void {
  if (classes.length === 0) return;
  const sum = classes.reduce((total, { share }) => total + share, 0);
  if (Math.abs(sum - 1) > 1e-6) {
    const message = `the shares add up to ${Number((100 * sum).toPrecision(6))} %, expected 100 %`;
    problem(notes, `${requestsPath}.classes`, message);
  }
  if (classes.length > 255) problem(notes, `${requestsPath}.classes`, `${classes.length} classes, at most 255`);
  for (const [index, { name }] of classes.entries()) {
    if (classes.findIndex((other) => other.name === name) === index) continue;
    problem(notes, `${requestsPath}.classes[${index}].name`, `"${name}" is there twice`, "a name of its own");
  }
}

function lengthAt(written: RequestsText["input"], path: string, files: Files, notes: Notes): LengthLaw | undefined {
  return written === undefined ? undefined : resolveLength(written, path, files, notes);
}

function prefixOf({ prefix }: RequestsText, files: Files, notes: Notes): RequestSpec["prefix"] {
  if (prefix === undefined) return undefined;
  const path = `${requestsPath}.prefix`;
  const tokens = resolveLength(prefix.tokens, `${path}.tokens`, files, notes);
  const groups = given(notes, `${path}.groups`, prefix.groups, 1, "not given; one for all");
  const order = given(notes, `${path}.order`, prefix.order, "random", "not given");
  if (tokens === undefined) return undefined;
  const { promptsPerGroup } = prefix;
  return { groups, tokens, order, ...(promptsPerGroup === undefined ? {} : { promptsPerGroup }) };
}

function sessionOf({ session, input: first }: RequestsText, files: Files, notes: Notes): SessionLaw | undefined {
  if (session === undefined) return undefined;
  const path = `${requestsPath}.session`;
  const turns = resolveLength(session.turns, `${path}.turns`, files, notes);
  const written = session.input ?? first;
  if (session.input === undefined && first !== undefined) {
    notes.assumptions.push({ path: `${path}.input`, value: "as input", reason: "not given; like the first turn" });
  }
  if (written === undefined)
    problem(notes, `${path}.input`, "missing; expected new tokens of a turn", "e.g. input: 200");
  const input = lengthAt(written, `${path}.input`, files, notes);
  const pause = pauseOf(session.pause, "session.pause", notes);
  return turns === undefined || input === undefined ? undefined : { turns, input, pause };
}

function pauseOf(written: PauseText | undefined, key: string, notes: Notes): SessionLaw["pause"] {
  const path = `${requestsPath}.${key}`;
  if (written === undefined) {
    notes.assumptions.push({ path, value: "0 s", reason: "not given; the next request follows at once" });
    return { law: "constant", mean: 0 };
  }
  const law = given(notes, `${path}.law`, written.law, "exponential", "not given");
  if (law !== "lognormal") {
    if (written.sigma !== undefined) problem(notes, `${path}.sigma`, `has no effect with law: ${law}`, "remove it");
    return { law, mean: written.mean };
  }
  return { law, mean: written.mean, sigma: given(notes, `${path}.sigma`, written.sigma, 1, "not given") };
}
