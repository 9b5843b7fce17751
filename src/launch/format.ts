/** What a format of launch files is: one file each, one line in `index.ts`. */

import type { ReasonTables } from "./idle.ts";
import type { Sheet } from "./sheet.ts";

export interface LaunchOptions {
  /** Catalog name of a model, or a path to a config.json: instead of the sizes in the file. */
  readonly model?: string;
  /** Catalog name of the kind of node. */
  readonly node?: string;
  readonly nodes?: number;
  /** Profile of the stack, or version of the engine: `name@version`. */
  readonly software?: string;
  /** Variables, arguments (`1`, `2`, …) and dotted keys that the file leaves open. */
  readonly set: Readonly<Record<string, string>>;
  /** Texts of further files that the launch names, by the path as written. */
  readonly files: Readonly<Record<string, string>>;
}

export interface LaunchFormat {
  /** What is launched: which scenario it becomes. */
  readonly kind: "training" | "serving";
  readonly name: string;
  /** One sentence: which files. */
  readonly summary: string;
  /** True for texts that are of this format. */
  matches(text: string): boolean;
  /** Paths of further files that are needed to read this one; absent where there are none. */
  needs?(text: string, options: LaunchOptions): readonly string[];
  /** Works a text off; the sheet carries its problems. */
  read(text: string, file: string, options: LaunchOptions): Sheet;
  readonly tables: ReasonTables;
}
