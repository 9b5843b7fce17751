/** A class of configurations: which files it reads, and how. */

import type { ModelBody } from "./blocks.ts";
import type { Fields } from "./reader.ts";

export interface ImportOptions {
  /** Name of the model; else from the file, else its class. */
  readonly name?: string;
  /**
   * What to do about fields that a class needs and a trimmed copy may lack although the model has them:
   * refuse, or count what is filed and say so.
   */
  readonly missing?: "refuse" | "as-filed";
}

export interface ModelClass {
  /** `model_type` of the text model. */
  readonly modelTypes: readonly string[];
  /** Known `architectures[0]`; another one is read all the same, with a warning. */
  readonly architectures: readonly string[];
  /** Keys in `catalog/sources`. */
  readonly sources: readonly string[];
  readonly read: (fields: Fields, modelType: string, options: ImportOptions) => ModelBody;
}
