/**
 * Reads a launch script as a shell would, without running anything: variables are set, branches chosen, lists joined, and
 * every command that would have been run comes back as its fields. Commands are taken to succeed; loops are passed over,
 * and where a condition hangs on what is not run, all its branches are read: what they do not agree on is unknown.
 */

import { holds, matches } from "./condition.ts";
import { expand, expandWhole, type Field, isUnknown, knownText, type Variables } from "./expand.ts";
import { assignmentOf, parseShell } from "./parse.ts";
import { type Assignment, type Command, plainText, type Step } from "./syntax.ts";
import { assignedNames, copyOf, filledNames, forget, merge } from "./undecided.ts";

export interface Ran {
  /** Commands in the order in which they would run. */
  readonly commands: readonly (readonly Field[])[];
  /** Lines of loops that were passed over. */
  readonly loops: readonly number[];
}

interface Scope {
  /** What the user and the scheduler say: holds where the script leaves a variable open. */
  readonly given: Readonly<Record<string, string>>;
  readonly variables: Variables;
  readonly functions: Map<string, readonly Step[]>;
  readonly commands: (readonly Field[])[];
  readonly loops: number[];
  ended: "yes" | "no";
  depth: number;
}

/** Commands of a script. `settings` are variables that the environment would hold; `1`, `2`, … its arguments. */
export function runShell(text: string, settings: Readonly<Record<string, string>> = {}): Ran {
  const scalars = new Map<string, Field>();
  const lists = new Map<string, readonly Field[]>();
  for (const [name, value] of Object.entries(settings)) scalars.set(name, [{ text: value, line: 0 }]);
  const given = Object.keys(settings).filter((name) => /^\d+$/.test(name));
  const ordered = given.sort((a, b) => Number(a) - Number(b)).map((name) => scalars.get(name) ?? []);
  if (ordered.length > 0) for (const name of ["@", "*"]) lists.set(name, ordered);
  scalars.set("#", [{ text: String(ordered.length), line: 0 }]);
  const scope: Scope = {
    given: settings,
    variables: { scalars, lists },
    functions: new Map(),
    commands: [],
    loops: [],
    ended: "no",
    depth: 0,
  };
  runSteps(parseShell(text), scope);
  return { commands: scope.commands, loops: scope.loops };
}

/** Deeper than any launch script nests; a function that calls itself ends here. */
const depthMost = 50;

/** `taken`: not run here, and taken to succeed; `unknown`: hangs on what is not run. */
type Outcome = "success" | "failure" | "taken" | "unknown";

function runSteps(steps: readonly Step[], scope: Scope): Outcome {
  let outcome: Outcome = "success";
  scope.depth += 1;
  for (const { after, command, line } of steps) {
    if (scope.ended === "yes" || scope.depth > depthMost) break;
    if (after !== "always" && outcome === "unknown") {
      runOpen([[{ after: "always", command, line }], []], line, scope);
      continue;
    }
    const failed = outcome === "failure";
    if ((after === "success" && failed) || (after === "failure" && !failed)) continue;
    outcome = runCommand(command, scope);
  }
  scope.depth -= 1;
  return outcome;
}

/** Runs each of the bodies that could run, and keeps what they agree on. */
function runOpen(bodies: readonly (readonly Step[])[], line: number, scope: Scope): Outcome {
  const outcomes = bodies.flatMap((body) => {
    const own: Scope = { ...scope, variables: copyOf(scope.variables) };
    runSteps(body, own);
    return own.ended === "yes" ? [] : [own.variables];
  });
  if (outcomes.length === 0) scope.ended = "yes";
  const why = `hangs on a condition in line ${line}, which is not run here`;
  merge(scope.variables, outcomes, scope.given, { line, why });
  return "unknown";
}

function runCommand(command: Command, scope: Scope): Outcome {
  switch (command.kind) {
    case "simple":
      return runSimple(command, scope);
    case "group":
      return runSteps(command.body, scope);
    case "function":
      scope.functions.set(command.name, command.body);
      return "success";
    case "loop":
      return passLoop(command, scope);
    case "if":
      return runIf(command, scope);
    case "for":
      return runFor(command, scope);
    case "case":
      return runCase(command, scope);
  }
}

/** A loop that does not begin is none; any other is passed over, and what it assigns is not known after it. */
function passLoop(command: Command & { kind: "loop" }, scope: Scope): Outcome {
  const outcome = runSteps(command.condition, scope);
  if ((outcome === "success" || outcome === "failure") && outcome !== command.while) return "success";
  scope.loops.push(command.line);
  forgetIn([command], command.line, scope);
  return "success";
}

function forgetIn(commands: readonly Command[], line: number, scope: Scope): void {
  const steps = commands.map((command): Step => ({ after: "always", command, line }));
  const why = `is set by the loop in line ${line}, which is not run here`;
  forget(assignedNames(steps, scope.functions), scope.variables, scope.given, { line, why });
}

function runIf({ branches, otherwise, line }: Command & { kind: "if" }, scope: Scope): Outcome {
  const open: (readonly Step[])[] = [];
  for (const { condition, body } of branches) {
    const outcome = runSteps(condition, scope);
    if (outcome === "failure") continue;
    if (outcome === "success") return open.length === 0 ? runSteps(body, scope) : runOpen([...open, body], line, scope);
    open.push(body);
  }
  return open.length === 0 ? runSteps(otherwise, scope) : runOpen([...open, otherwise], line, scope);
}

/** Over words that are known, each in turn; else once, with nothing known of what it assigns before and after. */
function runFor(command: Command & { kind: "for" }, scope: Scope): Outcome {
  const { name, words, body, line } = command;
  const fields = words.flatMap((word) => expand(word, scope.variables));
  const open = fields.some((field) => field.some(isUnknown));
  if (open) forgetIn([command], line, scope);
  for (const field of fields) {
    scope.variables.scalars.set(name, field);
    runSteps(body, scope);
  }
  if (open) forgetIn([command], line, scope);
  return "success";
}

function runCase({ subject, arms, line }: Command & { kind: "case" }, scope: Scope): Outcome {
  const field = expandWhole(subject, scope.variables);
  if (field.some(isUnknown)) {
    const any = arms.some(({ patterns }) => patterns.some((pattern) => plainText(pattern) === "*"));
    return runOpen([...arms.map(({ body }) => body), ...(any ? [] : [[]])], line, scope);
  }
  const chosen = arms.find(({ patterns }) =>
    patterns.some((pattern) => matches(knownText(field), knownText(expandWhole(pattern, scope.variables)))),
  );
  return runSteps(chosen?.body ?? [], scope);
}

const declarations = new Set(["export", "declare", "typeset", "local", "readonly"]);

/** Commands that decide or change nothing that we follow. */
const silent = new Set(
  "set shopt ulimit echo printf mkdir cd sleep wait unset shift read mapfile readarray true :".split(" "),
);

const turned = { success: "failure", failure: "success", taken: "unknown", unknown: "unknown" } as const;

function runSimple(command: Command & { kind: "simple" }, scope: Scope): Outcome {
  const { variables } = scope;
  const [first] = command.words;
  const name = first === undefined ? undefined : knownText(expandWhole(first, variables));
  // Assignments before a command hold for it alone, but nothing after it reads them in another sense.
  for (const assignment of command.assignments) assign(assignment, variables);
  if (name === undefined) return "success";
  if (declarations.has(name)) {
    for (const word of command.words.slice(1)) {
      const assignment = assignmentOf(word);
      if (assignment !== undefined) assign(assignment, variables);
    }
    return "success";
  }
  const outcome = runNamed(name, command, scope);
  return command.negated === "yes" ? turned[outcome] : outcome;
}

function runNamed(name: string, command: Command & { kind: "simple" }, scope: Scope): Outcome {
  const { line } = command;
  const fields = command.words.flatMap((word) => expand(word, scope.variables));
  if (name === "[" || name === "[[" || name === "test") {
    // Tests compare words, which quotes or not stay one each.
    const whole = command.words.slice(1).map((word) => expandWhole(word, scope.variables));
    const last = whole.at(-1);
    return outcomeOf(last !== undefined && /^\]\]?$/.test(knownText(last)) ? whole.slice(0, -1) : whole);
  }
  if (name === "false") return "failure";
  // Without arguments there is nothing to go through.
  if (name === "getopts" && knownText(scope.variables.scalars.get("#") ?? []) === "0") return "failure";
  if (name === "exit" || name === "return") {
    scope.ended = name === "exit" ? "yes" : scope.ended;
    return "success";
  }
  const body = scope.functions.get(name);
  if (body !== undefined) return callFunction(body, fields.slice(1), scope);
  const why = `is read in line ${line} from what is not known here`;
  forget(filledNames(command), scope.variables, scope.given, { line, why });
  if (silent.has(name)) return "success";
  scope.commands.push(fields);
  return "taken";
}

/** A test of what is known; files are taken to exist, whatever their names are. */
function outcomeOf(fields: readonly Field[]): Outcome {
  const asked = fields.map(knownText).find((word) => word !== "!") ?? "";
  const file = /^-[a-mo-uw-yA-Z]$/.test(asked) && fields.length <= 3;
  if (!file && fields.some((field) => field.some(isUnknown))) return "unknown";
  return holds(fields) ? "success" : "failure";
}

function callFunction(body: readonly Step[], given: readonly Field[], scope: Scope): Outcome {
  const { scalars, lists } = scope.variables;
  const before = new Map(lists);
  given.forEach((field, index) => {
    scalars.set(String(index + 1), field);
  });
  for (const name of ["@", "*"]) lists.set(name, given);
  const outcome = runSteps(body, scope);
  for (const name of ["@", "*"]) {
    const list = before.get(name);
    if (list === undefined) lists.delete(name);
    else lists.set(name, list);
  }
  return outcome;
}

function assign({ name, append, value, form }: Assignment, { scalars, lists }: Variables): void {
  const variables = { scalars, lists };
  if (form === "list") {
    const fields = (value as readonly (readonly never[])[]).flatMap((word) => expand(word, variables));
    lists.set(name, append === "append" ? [...(lists.get(name) ?? []), ...fields] : fields);
    return;
  }
  const field = expandWhole(value as readonly never[], variables);
  // A variable that a script sets to itself stays what it was: nothing.
  if (field.length === 1 && field[0]?.missing === name) return;
  const list = lists.get(name);
  if (list !== undefined && append === "append") lists.set(name, [...list, field]);
  else scalars.set(name, append === "append" ? [...(scalars.get(name) ?? []), ...field] : field);
}
