/**
 * Reads a launch script as a shell would, without running anything: variables are set, branches chosen, lists joined, and
 * every command that would have been run comes back as its fields. Commands are taken to succeed; `while` and `until`
 * are passed over.
 */

import { holds, matches } from "./condition.ts";
import { expand, expandWhole, type Field, knownText, type Variables } from "./expand.ts";
import { assignmentOf, parseShell } from "./parse.ts";
import type { Assignment, Command, Step } from "./syntax.ts";

export interface Ran {
  /** Commands in the order in which they would run. */
  readonly commands: readonly (readonly Field[])[];
  /** Lines of loops that were passed over. */
  readonly loops: readonly number[];
}

interface Scope {
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

/** True where the last command that ran succeeded. */
function runSteps(steps: readonly Step[], scope: Scope): boolean {
  let succeeded = true;
  scope.depth += 1;
  for (const { after, command } of steps) {
    if (scope.ended === "yes" || scope.depth > depthMost) break;
    if ((after === "success" && !succeeded) || (after === "failure" && succeeded)) continue;
    succeeded = runCommand(command, scope);
  }
  scope.depth -= 1;
  return succeeded;
}

function runCommand(command: Command, scope: Scope): boolean {
  const { variables } = scope;
  switch (command.kind) {
    case "simple":
      return runSimple(command, scope);
    case "group":
      return runSteps(command.body, scope);
    case "function":
      scope.functions.set(command.name, command.body);
      return true;
    case "loop":
      scope.loops.push(command.line);
      return true;
    case "if": {
      const chosen = command.branches.find(({ condition }) => runSteps(condition, scope));
      return runSteps(chosen?.body ?? command.otherwise, scope);
    }
    case "for":
      for (const field of command.words.flatMap((word) => expand(word, variables))) {
        variables.scalars.set(command.name, field);
        runSteps(command.body, scope);
      }
      return true;
    case "case": {
      const subject = knownText(expandWhole(command.subject, variables));
      const chosen = command.arms.find(({ patterns }) =>
        patterns.some((pattern) => matches(subject, knownText(expandWhole(pattern, variables)))),
      );
      return runSteps(chosen?.body ?? [], scope);
    }
  }
}

const declarations = new Set(["export", "declare", "typeset", "local", "readonly"]);

/** Commands that decide or change nothing that we follow. */
const silent = new Set(["set", "shopt", "ulimit", "echo", "printf", "mkdir", "cd", "sleep", "wait", "unset", "shift"]);

function runSimple(command: Command & { kind: "simple" }, scope: Scope): boolean {
  const { variables } = scope;
  const [first] = command.words;
  const name = first === undefined ? undefined : knownText(expandWhole(first, variables));
  // Assignments before a command hold for it alone, but nothing after it reads them in another sense.
  for (const assignment of command.assignments) assign(assignment, variables);
  if (name === undefined) return true;
  if (declarations.has(name)) {
    for (const word of command.words.slice(1)) {
      const assignment = assignmentOf(word);
      if (assignment !== undefined) assign(assignment, variables);
    }
    return true;
  }
  const succeeded = runNamed(name, command, scope);
  return command.negated === "yes" ? !succeeded : succeeded;
}

function runNamed(name: string, command: Command & { kind: "simple" }, scope: Scope): boolean {
  const fields = command.words.flatMap((word) => expand(word, scope.variables));
  if (name === "[" || name === "[[" || name === "test") {
    // Tests compare words, which quotes or not stay one each.
    const whole = command.words.slice(1).map((word) => expandWhole(word, scope.variables));
    const last = whole.at(-1);
    return holds(last !== undefined && /^\]\]?$/.test(knownText(last)) ? whole.slice(0, -1) : whole);
  }
  if (name === "false") return false;
  if (name === "exit" || name === "return") {
    scope.ended = name === "exit" ? "yes" : scope.ended;
    return true;
  }
  const body = scope.functions.get(name);
  if (body !== undefined) return callFunction(body, fields.slice(1), scope);
  if (!silent.has(name)) scope.commands.push(fields);
  return true;
}

function callFunction(body: readonly Step[], given: readonly Field[], scope: Scope): boolean {
  const { scalars, lists } = scope.variables;
  const before = new Map(lists);
  given.forEach((field, index) => {
    scalars.set(String(index + 1), field);
  });
  for (const name of ["@", "*"]) lists.set(name, given);
  const succeeded = runSteps(body, scope);
  for (const name of ["@", "*"]) {
    const list = before.get(name);
    if (list === undefined) lists.delete(name);
    else lists.set(name, list);
  }
  return succeeded;
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
