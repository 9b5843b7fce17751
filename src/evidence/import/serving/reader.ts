/** What a reader of one source of serving rows is. */

import type { EvidenceRecord } from "../../record.ts";
import type { Draft } from "../converter.ts";
import type { RawRow } from "../raw.ts";
import type { Readings } from "./readings.ts";

export interface ServingReader {
  readonly name: string;
  matches(row: RawRow): boolean;
  read(row: RawRow): ServingDraft | { readonly skip: string };
}

export interface ServingDraft {
  readonly draft: Draft;
  readonly readings: Readings;
  /** Quote that replaces the row's. */
  readonly quote?: string;
}

export type Converted = EvidenceRecord | { readonly skip: string };
