/** What begins with a `$`: variables with defaults, list elements, arithmetic, and outputs of commands, which are not run. */

import type { Part, Quoting, Variable, Word } from "./syntax.ts";

/** Where reading stands. */
export interface Cursor {
  readonly text: string;
  at: number;
  line: number;
  /** The first quote that no other closes. */
  unclosed?: { readonly mark: string; readonly line: number };
}

/** The part that begins at a `$` or a backtick; a `$` before nothing that it could mean is text. */
export function readDollar(cursor: Cursor, quoted: Quoting): Part {
  const { text, line, at } = cursor;
  if (text[at] === "`") {
    const end = text.indexOf("`", at + 1);
    return output(cursor, end < 0 ? text.length : end + 1, quoted);
  }
  if (text.startsWith("$((", at)) return arithmetic(cursor, quoted);
  if (text[at + 1] === "(") return output(cursor, closing(text, at + 1, "(", ")"), quoted);
  if (text[at + 1] === "{") return braced(cursor, quoted);
  const name = /\$([A-Za-z_]\w*|\d|[@*#?$!-])/y;
  name.lastIndex = at;
  const found = name.exec(text);
  if (found === null) {
    cursor.at += 1;
    return { kind: "text", text: "$", line, quoted };
  }
  cursor.at += found[0].length;
  const called = found[1] as string;
  return variable(called, line, quoted, called === "@" || called === "*" ? { element: "all" } : {});
}

function variable(name: string, line: number, quoted: Quoting, rest: Partial<Variable>): Variable {
  return { kind: "variable", name, line, quoted, ...rest };
}

function output(cursor: Cursor, end: number, quoted: Quoting): Part {
  const { line } = cursor;
  const text = cursor.text.slice(cursor.at, end);
  cursor.line += text.split("\n").length - 1;
  cursor.at = end;
  return { kind: "output", text, line, quoted };
}

function arithmetic(cursor: Cursor, quoted: Quoting): Part {
  const { text, at, line } = cursor;
  const end = closing(text, at + 1, "(", ")");
  const inner = text.slice(at + 3, Math.max(at + 3, end - 2));
  cursor.at = end;
  cursor.line += inner.split("\n").length - 1;
  return { kind: "arithmetic", expression: wordOf(inner, line), line, quoted };
}

/** Place behind the bracket that closes the one at `start`; the end of the text where none does. */
function closing(text: string, start: number, open: string, close: string): number {
  let depth = 0;
  for (let at = start; at < text.length; at++) {
    if (text[at] === "\\") at += 1;
    else if (text[at] === open) depth += 1;
    else if (text[at] === close && --depth === 0) return at + 1;
  }
  return text.length;
}

/** `${NAME}`, `${NAME:-default}`, `${LIST[@]}`, `${#LIST[@]}`. */
function braced(cursor: Cursor, quoted: Quoting): Part {
  const { text, at, line } = cursor;
  const end = closing(text, at + 1, "{", "}");
  const inner = text.slice(at + 2, Math.max(at + 2, end - 1));
  cursor.at = end;
  cursor.line += inner.split("\n").length - 1;
  const found = /^(#?)([A-Za-z_]\w*|\d+|[@*#])(?:\[([^\]]*)\])?(:?[-=+?]|[#%/^,@:].*)?/s.exec(inner);
  if (found === null) return { kind: "output", text: text.slice(at, end), line, quoted };
  const [whole, hash, name = "", index, operator] = found;
  const all = index === "@" || index === "*" || name === "@" || name === "*";
  const element = all ? ("all" as const) : index === undefined ? undefined : Number(index);
  return variable(name, line, quoted, {
    ...(element === undefined ? {} : { element }),
    ...(hash === "#" ? { count: "yes" as const } : {}),
    ...(operator === undefined ? {} : { operator, operand: wordOf(inner.slice(whole.length), line) }),
  });
}

/** A text whose quotes fall away and whose variables stay: a default, an expression. */
function wordOf(text: string, line: number): Word {
  const cursor: Cursor = { text, at: 0, line };
  const parts: Part[] = [];
  let plain = "";
  const flush = (): void => {
    if (plain !== "") parts.push({ kind: "text", text: plain, line: cursor.line, quoted: "quoted" });
    plain = "";
  };
  while (cursor.at < text.length) {
    const next = text[cursor.at] as string;
    if (next === "$" || next === "`") {
      flush();
      parts.push(readDollar(cursor, "quoted"));
      continue;
    }
    if (next === "\n") cursor.line += 1;
    if (next !== '"' && next !== "'") plain += next;
    cursor.at += 1;
  }
  flush();
  return parts;
}
