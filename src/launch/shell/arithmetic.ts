/** `$(( … ))`: whole numbers with + - * / %, brackets and comparisons. Anything else is not decided. */

/** The value of an expression in which variables are already replaced; undefined where it is none of ours. */
export function evaluate(expression: string): number | undefined {
  const tokens = expression.match(/\d+|\*\*|<=|>=|==|!=|&&|\|\||[-+*/%()<>?:]|\S/g) ?? [];
  const reading = { tokens, at: 0 };
  const value = readLevel(reading, 0);
  return reading.at === tokens.length && value !== undefined && Number.isSafeInteger(value) ? value : undefined;
}

interface Reading {
  readonly tokens: readonly string[];
  at: number;
}

type Operation = (a: number, b: number) => number;

const truth = (value: boolean): number => (value ? 1 : 0);

/** Operators that bind equally, the weakest first. */
const levels: readonly Readonly<Record<string, Operation>>[] = [
  { "||": (a, b) => truth(a !== 0 || b !== 0) },
  { "&&": (a, b) => truth(a !== 0 && b !== 0) },
  { "==": (a, b) => truth(a === b), "!=": (a, b) => truth(a !== b) },
  {
    "<": (a, b) => truth(a < b),
    ">": (a, b) => truth(a > b),
    "<=": (a, b) => truth(a <= b),
    ">=": (a, b) => truth(a >= b),
  },
  { "+": (a, b) => a + b, "-": (a, b) => a - b },
  { "*": (a, b) => a * b, "/": (a, b) => Math.trunc(a / b), "%": (a, b) => a % b },
];

function readLevel(reading: Reading, level: number): number | undefined {
  const operations = levels[level];
  if (operations === undefined) return readAtom(reading);
  let value = readLevel(reading, level + 1);
  for (;;) {
    const operation = operations[reading.tokens[reading.at] ?? ""];
    if (operation === undefined || value === undefined) return value;
    reading.at += 1;
    const right = readLevel(reading, level + 1);
    value = right === undefined ? undefined : operation(value, right);
  }
}

function readAtom(reading: Reading): number | undefined {
  const token = reading.tokens[reading.at++];
  if (token === undefined) return undefined;
  if (token === "-") {
    const value = readAtom(reading);
    return value === undefined ? undefined : -value;
  }
  if (token === "(") {
    const value = readLevel(reading, 0);
    return reading.tokens[reading.at++] === ")" ? value : undefined;
  }
  return /^\d+$/.test(token) ? Number(token) : undefined;
}
