/** From tokens to commands: lists joined by `;`, `&&`, `||`, and `if`, `for`, `case`, `while`, functions and groups. */

import type { Arm, Assignment, Branch, Command, Step, Token, Word } from "./syntax.ts";
import { plainText } from "./syntax.ts";
import { tokensOf } from "./tokens.ts";

interface Reading {
  readonly tokens: readonly Token[];
  at: number;
}

/** The commands of a script. What is cut off in the middle ends with the text. */
export function parseShell(text: string): readonly Step[] {
  const reading: Reading = { tokens: tokensOf(text), at: 0 };
  const steps: Step[] = [];
  while (reading.at < reading.tokens.length) {
    steps.push(...readSteps(reading, new Set()));
    // A closing word without its opening one: passed over.
    reading.at += 1;
  }
  return steps;
}

const separators = new Set([";", "\n", "&", "|", "|&"]);

/** Commands up to one of the words (or `)`, `;;`) that end them, which is left to be read. */
function readSteps(reading: Reading, ends: ReadonlySet<string>): readonly Step[] {
  const steps: Step[] = [];
  let after: Step["after"] = "always";
  while (reading.at < reading.tokens.length) {
    const token = reading.tokens[reading.at] as Token;
    if (token.kind === "operator") {
      if (token.text === ")" || token.text === ";;") return steps;
      reading.at += 1;
      if (token.text === "&&") after = "success";
      else if (token.text === "||") after = "failure";
      else if (separators.has(token.text) && token.text !== "\n") after = "always";
      if (token.text === "(") {
        const { line } = token;
        steps.push({ after, line, command: { kind: "group", body: readSteps(reading, new Set()) } });
        reading.at += 1;
        after = "always";
      }
      continue;
    }
    if (token.kind === "word" && ends.has(plainText(token.word) ?? "")) return steps;
    steps.push({ after, line: token.line, command: readCommand(reading) });
    after = "always";
  }
  return steps;
}

/** Takes the next word if it is this one. */
function accept(reading: Reading, word: string): boolean {
  while (operatorAt(reading) === "\n" || operatorAt(reading) === ";") reading.at += 1;
  const token = reading.tokens[reading.at];
  if (token?.kind !== "word" || plainText(token.word) !== word) return false;
  reading.at += 1;
  return true;
}

function operatorAt(reading: Reading): string | undefined {
  const token = reading.tokens[reading.at];
  return token?.kind === "operator" ? token.text : undefined;
}

function readCommand(reading: Reading): Command {
  const token = reading.tokens[reading.at] as Token;
  const word = token.kind === "word" ? plainText(token.word) : undefined;
  switch (word) {
    case "if":
      return readIf(reading, token.line);
    case "for":
    case "select":
      return readFor(reading, token.line);
    case "while":
    case "until":
      return readLoop(reading, token.line, word === "while" ? "success" : "failure");
    case "case":
      return readCase(reading, token.line);
    case "function":
      reading.at += 1;
      return readFunction(reading);
    case "{":
      reading.at += 1;
      return { kind: "group", body: readBody(reading, "}") };
    default:
      return isFunction(reading) ? readFunction(reading) : readSimple(reading);
  }
}

function readLoop(reading: Reading, line: number, wanted: "success" | "failure"): Command {
  reading.at += 1;
  const condition = readSteps(reading, new Set(["do"]));
  accept(reading, "do");
  return { kind: "loop", line, while: wanted, condition, body: readBody(reading, "done") };
}

function readBody(reading: Reading, end: string): readonly Step[] {
  const body = readSteps(reading, new Set([end]));
  accept(reading, end);
  return body;
}

function readIf(reading: Reading, line: number): Command {
  const branches: Branch[] = [];
  let otherwise: readonly Step[] = [];
  reading.at += 1;
  for (;;) {
    const condition = readSteps(reading, new Set(["then"]));
    accept(reading, "then");
    branches.push({ condition, body: readSteps(reading, new Set(["elif", "else", "fi"])) });
    if (accept(reading, "elif")) continue;
    if (accept(reading, "else")) otherwise = readSteps(reading, new Set(["fi"]));
    accept(reading, "fi");
    return { kind: "if", branches, otherwise, line };
  }
}

function readFor(reading: Reading, line: number): Command {
  reading.at += 1;
  const token = reading.tokens[reading.at];
  const name = token?.kind === "word" ? (plainText(token.word) ?? "") : "";
  reading.at += 1;
  const words: Word[] = [];
  if (accept(reading, "in")) {
    while (reading.tokens[reading.at]?.kind === "word") {
      words.push((reading.tokens[reading.at] as Token & { kind: "word" }).word);
      reading.at += 1;
    }
  }
  // for (( … )): how often it runs is not counted here.
  const counted = name === "" && words.length === 0;
  while (reading.at < reading.tokens.length && !accept(reading, "do")) reading.at += 1;
  const body = readBody(reading, "done");
  if (counted) return { kind: "loop", line, while: "success", condition: [], body };
  return { kind: "for", name, words, body, line };
}

function readCase(reading: Reading, line: number): Command {
  reading.at += 1;
  const token = reading.tokens[reading.at];
  const subject: Word = token?.kind === "word" ? token.word : [];
  reading.at += 1;
  accept(reading, "in");
  const arms: Arm[] = [];
  while (reading.at < reading.tokens.length && !accept(reading, "esac")) {
    const patterns: Word[] = [];
    for (; reading.at < reading.tokens.length && operatorAt(reading) !== ")"; reading.at++) {
      const next = reading.tokens[reading.at];
      if (next?.kind === "word") patterns.push(next.word);
    }
    reading.at += 1;
    arms.push({ patterns, body: readSteps(reading, new Set(["esac"])) });
    if (operatorAt(reading) === ";;") reading.at += 1;
  }
  return { kind: "case", subject, arms, line };
}

/** `name()`. */
function isFunction({ tokens, at }: Reading): boolean {
  const next = (index: number, text: string): boolean => {
    const token = tokens[at + index];
    return token?.kind === "operator" && token.text === text;
  };
  return tokens[at]?.kind === "word" && next(1, "(") && next(2, ")");
}

function readFunction(reading: Reading): Command {
  const token = reading.tokens[reading.at];
  const name = token?.kind === "word" ? (plainText(token.word) ?? "") : "";
  reading.at += 1;
  while (operatorAt(reading) === "(" || operatorAt(reading) === ")") reading.at += 1;
  accept(reading, "{");
  return { kind: "function", name, body: readBody(reading, "}") };
}

function readSimple(reading: Reading): Command {
  const assignments: Assignment[] = [];
  const words: Word[] = [];
  const { line } = reading.tokens[reading.at] as Token;
  let negated: "yes" | "no" = "no";
  // Inside [[ … ]] what joins commands elsewhere joins conditions.
  let inside = false;
  for (; reading.at < reading.tokens.length; reading.at++) {
    const token = reading.tokens[reading.at] as Token;
    if (token.kind === "operator") {
      if (!inside || token.text === "\n") break;
      words.push([{ kind: "text", text: token.text, line: token.line, quoted: "bare" }]);
      continue;
    }
    if (token.kind === "list") {
      assignments.push({ name: token.name, append: token.append, value: token.words, form: "list" });
      continue;
    }
    const text = plainText(token.word);
    if (words.length === 0 && text === "!") {
      negated = negated === "yes" ? "no" : "yes";
      continue;
    }
    const assignment = words.length === 0 ? assignmentOf(token.word) : undefined;
    if (assignment !== undefined) assignments.push(assignment);
    else words.push(token.word);
    if (text === "[[") inside = true;
    if (text === "]]") inside = false;
  }
  return { kind: "simple", assignments, words, negated, line };
}

/** `NAME=value` or `NAME+=value`; undefined where a word is none. */
export function assignmentOf(word: Word): Assignment | undefined {
  const [first, ...rest] = word;
  if (first?.kind !== "text" || first.quoted === "quoted") return undefined;
  const found = /^([A-Za-z_]\w*)(\+?)=/.exec(first.text);
  if (found === null) return undefined;
  const text = first.text.slice(found[0].length);
  const value = text === "" ? rest : [{ ...first, text }, ...rest];
  return { name: found[1] ?? "", append: found[2] === "+" ? "append" : "replace", value, form: "scalar" };
}
