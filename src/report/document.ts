/** A document as a value: sections of paragraphs, figures, tables, charts and files. Renderers draw it. */

import type { Chart } from "./chart/index.ts";

/** What a cell says about a requirement or a design; renderers colour it and never leave the word out. */
export type Tone = "good" | "bad" | "unsure" | "quiet";

export type Cell = string | { readonly text: string; readonly tone?: Tone; readonly strong?: true };

export interface Column {
  readonly title: string;
  readonly align?: "right";
}

export interface Table {
  readonly kind: "table";
  readonly caption?: string;
  readonly columns: readonly Column[];
  readonly rows: readonly (readonly Cell[])[];
  /** Rows that are set apart: those of the recommended design. */
  readonly marked?: readonly number[];
}

/** A figure to be seen first. */
export interface Tile {
  readonly label: string;
  readonly value: string;
  readonly note?: string;
  readonly tone?: Tone;
}

export type Block =
  | { readonly kind: "paragraph"; readonly text: string; readonly role?: "lead" | "note" }
  | { readonly kind: "heading"; readonly text: string }
  | { readonly kind: "tiles"; readonly tiles: readonly Tile[] }
  | { readonly kind: "list"; readonly items: readonly string[] }
  | { readonly kind: "chart"; readonly title: string; readonly caption?: string; readonly chart: Chart }
  | { readonly kind: "file"; readonly name: string; readonly text: string }
  | Table;

export interface Section {
  /** Anchor: `requirements`. */
  readonly id: string;
  readonly title: string;
  readonly blocks: readonly Block[];
}

export interface ReportDocument {
  readonly title: string;
  /** Under the title: who asks, as of when. */
  readonly byline: string;
  /** The first is the first page. */
  readonly sections: readonly Section[];
  /** At the end of the last page. */
  readonly colophon: string;
}

export function textOf(cell: Cell): string {
  return typeof cell === "string" ? cell : cell.text;
}
