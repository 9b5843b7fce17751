/** An operation: something a user can ask for, defined once. Command line, help and later faces follow from it. */

import type { z } from "zod";
import type { Host } from "./host.ts";

/** How a field of an operation's input is given on a command line. */
export interface Usage {
  readonly description: string;
  /**
   * Written as a positional argument, in the order of the fields; otherwise it is a flag with a value, which `flags` may
   * repeat, or without one (`switch`: the input is then true).
   */
  readonly as?: "argument" | "arguments" | "flags" | "switch";
  /** One letter that stands for the flag: o. */
  readonly short?: string;
  /** What stands for the value in the help: FILE. */
  readonly value?: string;
}

export interface Example {
  readonly command: string;
  readonly does: string;
}

export interface Operation<Input, Output> {
  readonly name: string;
  /** One sentence. */
  readonly summary: string;
  /** Fields of the input, with their usage. */
  readonly input: z.ZodObject<Record<keyof Input & string, z.ZodType>>;
  readonly examples: readonly Example[];
  /** What other programs read; the output itself where absent. */
  readonly document?: (output: Output) => unknown;
  /** True where the answer is that nothing feasible was found. */
  readonly infeasible?: (output: Output) => boolean;
  /** True where the user ended it before its end; what is there is kept. */
  readonly stopped?: (output: Output) => boolean;
  /** Rejects with a ProblemError on wrong input. */
  run(input: Input, host: Host): Promise<Output>;
}

/** A field of an operation's input with its usage. */
export function field<Schema extends z.ZodType>(schema: Schema, usage: Usage): Schema {
  return schema.meta({ ...usage }) as Schema;
}

/** Usage of a field. */
export function usageOf(schema: z.ZodType): Usage {
  return { description: "", ...schema.meta() } as Usage;
}
