/**
 * What policies of routing, scaling and admission can be told: a table of parameters, each with its default, limits and
 * description. The scenario language and the help are made from the same table; a policy gets values that are complete
 * and within their limits.
 */

interface Described {
  readonly description: string;
}

interface Limited {
  readonly default: number;
  readonly above?: number;
  readonly atLeast?: number;
  readonly atMost?: number;
}

/** `number` is bare; `ratio` may be written in percent; `duration` is in seconds and `rate` in 1/s, text outside. */
export interface NumberParameter extends Described, Limited {
  readonly kind: "number" | "count" | "ratio" | "duration" | "rate";
}

export interface ChoiceParameter<Word extends string = string> extends Described {
  readonly kind: "choice";
  readonly words: readonly Word[];
  readonly default: Word;
}

export type Parameter = NumberParameter | ChoiceParameter;
export type Parameters = Readonly<Record<string, Parameter>>;

/** Values of a table of parameters. */
export type Values<Table extends Parameters> = {
  readonly [Name in keyof Table]: Table[Name] extends ChoiceParameter<infer Word> ? Word : number;
};

/** What a user wrote: some of the values, by name. */
export type Given = Readonly<Record<string, number | string | undefined>>;

/** Values with the defaults filled in. Throws on an unknown name, a wrong word, or a number beyond its limits. */
export function valuesOf<Table extends Parameters>(table: Table, given: Given = {}): Values<Table> {
  const values: Record<string, number | string> = {};
  for (const [name, parameter] of Object.entries(table)) values[name] = parameter.default;
  for (const [name, value] of Object.entries(given)) {
    const parameter = table[name];
    if (parameter === undefined)
      throw new Error(`unknown parameter "${name}", known: ${Object.keys(table).join(", ")}`);
    if (value === undefined) continue;
    const wrong = wrongValue(parameter, value);
    if (wrong !== undefined) throw new Error(`${name}: found ${value}, expected ${wrong}`);
    values[name] = value;
  }
  return values as Values<Table>;
}

/** What was expected, where a value is not that. */
function wrongValue(parameter: Parameter, value: number | string): string | undefined {
  if (parameter.kind === "choice") {
    return parameter.words.some((word) => word === value) ? undefined : parameter.words.join(" or ");
  }
  if (typeof value !== "number" || Number.isNaN(value)) return "a number";
  const { kind, above, atLeast = 0, atMost } = parameter;
  if (kind === "count" && value < Number.POSITIVE_INFINITY && !Number.isInteger(value)) return "a whole number";
  if (above !== undefined && !(value > above)) return `more than ${above}`;
  if (value < atLeast) return `at least ${atLeast}`;
  if (atMost !== undefined && value > atMost) return `at most ${atMost}`;
  return undefined;
}
