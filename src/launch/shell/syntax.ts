/** What a launch script is made of once it is parsed: words with their parts, and commands. Each part knows its line. */

/** A piece of a word before expansion. */
export type Part =
  | { readonly kind: "text"; readonly text: string; readonly line: number; readonly quoted: Quoting }
  | Variable
  | { readonly kind: "arithmetic"; readonly expression: Word; readonly line: number; readonly quoted: Quoting }
  /** The output of a command, which is not run. */
  | { readonly kind: "output"; readonly text: string; readonly line: number; readonly quoted: Quoting };

export type Quoting = "quoted" | "bare";

export interface Variable {
  readonly kind: "variable";
  readonly name: string;
  readonly line: number;
  readonly quoted: Quoting;
  /** `${A[@]}` and `$@`: every element; `${A[1]}`: one; `${#A[@]}`: how many. */
  readonly element?: "all" | number;
  readonly count?: "yes";
  /** `:-`, `-`, `:=`, `=`, `:+`, `+`, `:?`, `?` with what follows, or any other operator, which is not modelled. */
  readonly operator?: string;
  readonly operand?: Word;
}

export type Word = readonly Part[];

/** A token of the text. */
export type Token =
  | { readonly kind: "word"; readonly word: Word; readonly line: number }
  | { readonly kind: "operator"; readonly text: string; readonly line: number }
  /** `NAME=( … )`, `NAME+=( … )`. */
  | {
      readonly kind: "list";
      readonly name: string;
      readonly append: "append" | "replace";
      readonly words: readonly Word[];
      readonly line: number;
    };

export interface Assignment {
  readonly name: string;
  readonly append: "append" | "replace";
  readonly value: Word | readonly Word[];
  readonly form: "scalar" | "list";
}

/** A command, and what must have happened before for it to run. */
export interface Step {
  readonly line: number;
  readonly after: "always" | "success" | "failure";
  readonly command: Command;
}

export type Command =
  | {
      readonly kind: "simple";
      readonly assignments: readonly Assignment[];
      readonly words: readonly Word[];
      readonly negated: "yes" | "no";
      readonly line: number;
    }
  | {
      readonly kind: "if";
      readonly branches: readonly Branch[];
      readonly otherwise: readonly Step[];
      readonly line: number;
    }
  | {
      readonly kind: "for";
      readonly name: string;
      readonly words: readonly Word[];
      readonly body: readonly Step[];
      readonly line: number;
    }
  | { readonly kind: "case"; readonly subject: Word; readonly arms: readonly Arm[]; readonly line: number }
  | { readonly kind: "function"; readonly name: string; readonly body: readonly Step[] }
  | { readonly kind: "group"; readonly body: readonly Step[] }
  /** while, until: their end is not known without running what they ask. */
  | {
      readonly kind: "loop";
      readonly line: number;
      /** What the condition must do for the body to run. */
      readonly while: "success" | "failure";
      readonly condition: readonly Step[];
      readonly body: readonly Step[];
    };

export interface Branch {
  readonly condition: readonly Step[];
  readonly body: readonly Step[];
}

export interface Arm {
  readonly patterns: readonly Word[];
  readonly body: readonly Step[];
}

/** The text of a word that has nothing to expand; undefined otherwise. */
export function plainText(word: Word | undefined): string | undefined {
  if (word === undefined) return undefined;
  let text = "";
  for (const part of word) {
    if (part.kind !== "text") return undefined;
    text += part.text;
  }
  return text;
}
