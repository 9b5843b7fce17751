/**
 * From the text of a shell script to tokens: quotes, `\` at the end of a line, comments, here-documents, lists in
 * parentheses. Redirections are left out: they change no argument.
 */

import type { Part, Quoting, Token, Word } from "./syntax.ts";
import { type Cursor, readDollar } from "./variables.ts";

/** All tokens of a script; lines count from 1. Never throws: an open quote ends with the text. */
export function tokensOf(text: string): readonly Token[] {
  return readTokens({ text, at: 0, line: 1 });
}

/** The quote that is open at the end of a script, and its line. */
export function unclosedQuote(text: string): Cursor["unclosed"] {
  const cursor: Cursor = { text, at: 0, line: 1 };
  readTokens(cursor);
  return cursor.unclosed;
}

function readTokens(cursor: Cursor): readonly Token[] {
  const tokens: Token[] = [];
  const documents: string[] = [];
  while (skipBlanks(cursor)) {
    const { line } = cursor;
    const operator = readOperator(cursor, documents);
    if (operator !== undefined) {
      if (operator !== "") tokens.push({ kind: "operator", text: operator, line });
      if (operator === "\n") skipDocuments(cursor, documents);
      continue;
    }
    const token = readWordToken(cursor);
    if (token !== undefined) tokens.push(token);
  }
  return tokens;
}

/** Moves behind spaces, comments and continued lines; false at the end of the text. */
function skipBlanks(cursor: Cursor): boolean {
  for (;;) {
    const rest = cursor.text.slice(cursor.at, cursor.at + 2);
    if (rest[0] === " " || rest[0] === "\t" || rest[0] === "\r") cursor.at += 1;
    else if (rest === "\\\n") {
      cursor.at += 2;
      cursor.line += 1;
    } else if (cursor.text.startsWith("\\\r\n", cursor.at)) {
      cursor.at += 3;
      cursor.line += 1;
    } else if (rest[0] === "#") {
      const end = cursor.text.indexOf("\n", cursor.at);
      cursor.at = end < 0 ? cursor.text.length : end;
    } else return cursor.at < cursor.text.length;
  }
}

const redirection = /(?:\d*|&)(?:>>|>\||>|<(?!<))(?:&\d+|&-)?/y;
const operators = ["&&", "||", ";;", "|&", "\n", ";", "|", "&", "(", ")"];

/** An operator; empty for what was skipped; undefined where a word begins. */
function readOperator(cursor: Cursor, documents: string[]): string | undefined {
  const { text, at } = cursor;
  const here = /(?:\d*)<<(<|-)?/y;
  here.lastIndex = at;
  const found = here.exec(text);
  if (found !== null) {
    cursor.at += found[0].length;
    skipBlanks(cursor);
    const word = readWord(cursor);
    if (found[1] !== "<") documents.push(word.map((part) => (part.kind === "text" ? part.text : "")).join(""));
    return "";
  }
  redirection.lastIndex = at;
  const moved = redirection.exec(text);
  if (moved !== null) {
    cursor.at += moved[0].length;
    if (/&(\d+|-)$/.test(moved[0])) return "";
    skipBlanks(cursor);
    if (text[cursor.at] === "(") return "";
    readWord(cursor);
    return "";
  }
  const operator = operators.find((each) => text.startsWith(each, at));
  if (operator === undefined) return undefined;
  cursor.at += operator.length;
  if (operator === "\n") cursor.line += 1;
  return operator;
}

/** Skips the bodies of here-documents that begin behind the line that just ended. */
function skipDocuments(cursor: Cursor, documents: string[]): void {
  for (const end of documents.splice(0)) {
    while (cursor.at < cursor.text.length) {
      const stop = cursor.text.indexOf("\n", cursor.at);
      const line = cursor.text.slice(cursor.at, stop < 0 ? undefined : stop);
      cursor.at = stop < 0 ? cursor.text.length : stop + 1;
      cursor.line += 1;
      if (line.trim() === end) break;
    }
  }
}

function readWordToken(cursor: Cursor): Token | undefined {
  const { line, at } = cursor;
  const list = /([A-Za-z_]\w*)(\+?)=\(/y;
  list.lastIndex = at;
  const found = list.exec(cursor.text);
  if (found !== null) {
    cursor.at += found[0].length;
    const append = found[2] === "+" ? "append" : "replace";
    return { kind: "list", name: found[1] ?? "", append, words: readList(cursor), line };
  }
  const word = readWord(cursor);
  // What begins no word of ours (a stray bracket) is passed over, so that reading always moves on.
  if (cursor.at === at) cursor.at += 1;
  return word.length === 0 ? undefined : { kind: "word", word, line };
}

function readList(cursor: Cursor): readonly Word[] {
  const words: Word[] = [];
  while (skipBlanks(cursor)) {
    const next = cursor.text[cursor.at];
    if (next === "\n") {
      cursor.line += 1;
      cursor.at += 1;
      continue;
    }
    if (next === ")") {
      cursor.at += 1;
      break;
    }
    const before = cursor.at;
    const word = readWord(cursor);
    if (cursor.at === before) cursor.at += 1;
    if (word.length > 0) words.push(word);
  }
  return words;
}

const wordEnds = new Set([" ", "\t", "\r", "\n", ";", "|", "&", "(", ")", "<", ">"]);

/** One word; empty where none begins. */
export function readWord(cursor: Cursor): Word {
  const parts: Part[] = [];
  const started = cursor.at;
  let bare = "";
  let bareLine = cursor.line;
  const flush = (): void => {
    if (bare !== "") parts.push({ kind: "text", text: bare, line: bareLine, quoted: "bare" });
    bare = "";
  };
  while (cursor.at < cursor.text.length) {
    const next = cursor.text[cursor.at] as string;
    if (wordEnds.has(next)) break;
    if (next === "\\") {
      const escaped = cursor.text[cursor.at + 1];
      if (escaped === "\n" || escaped === "\r") break;
      if (bare === "") bareLine = cursor.line;
      bare += escaped ?? "";
      cursor.at += 2;
    } else if (next === "'" || next === '"') {
      flush();
      cursor.at += 1;
      parts.push(...(next === "'" ? readSingle(cursor) : readDouble(cursor)));
    } else if (next === "$" || next === "`") {
      flush();
      parts.push(readDollar(cursor, "bare"));
    } else {
      if (bare === "") bareLine = cursor.line;
      bare += next;
      cursor.at += 1;
    }
  }
  flush();
  // "" is a word too, though an empty one.
  if (parts.length === 0 && cursor.at > started) {
    parts.push({ kind: "text", text: "", line: cursor.line, quoted: "quoted" });
  }
  return parts;
}

/** One part a line, so that what stands in a long string keeps its line. */
function linesOf(text: string, line: number): Part[] {
  return text
    .split(/(?<=\n)/)
    .map((part, index) => ({ kind: "text", text: part, line: line + index, quoted: "quoted" }));
}

function readSingle(cursor: Cursor): Part[] {
  const end = cursor.text.indexOf("'", cursor.at);
  if (end < 0) cursor.unclosed ??= { mark: "'", line: cursor.line };
  const text = cursor.text.slice(cursor.at, end < 0 ? undefined : end);
  const parts = linesOf(text, cursor.line);
  cursor.line += parts.length - 1;
  if (text.endsWith("\n") && text !== "") cursor.line += 1;
  cursor.at += text.length + 1;
  return text === "" ? [] : parts;
}

function readDouble(cursor: Cursor): Part[] {
  const opened = cursor.line;
  const parts: Part[] = [];
  const quoted: Quoting = "quoted";
  let text = "";
  let line = cursor.line;
  const flush = (): void => {
    if (text !== "") parts.push({ kind: "text", text, line, quoted });
    text = "";
    line = cursor.line;
  };
  while (cursor.at < cursor.text.length && cursor.text[cursor.at] !== '"') {
    const next = cursor.text[cursor.at] as string;
    if (next === "\\") {
      const escaped = cursor.text[cursor.at + 1] ?? "";
      cursor.at += 2;
      if (escaped === "\n") {
        flush();
        cursor.line += 1;
        line = cursor.line;
      } else text += /["\\$`]/.test(escaped) ? escaped : `\\${escaped}`;
    } else if (next === "$" || next === "`") {
      flush();
      parts.push(readDollar(cursor, quoted));
      line = cursor.line;
    } else {
      text += next;
      cursor.at += 1;
      if (next === "\n") {
        cursor.line += 1;
        flush();
      }
    }
  }
  flush();
  if (cursor.at >= cursor.text.length) cursor.unclosed ??= { mark: '"', line: opened };
  cursor.at += 1;
  return parts;
}
