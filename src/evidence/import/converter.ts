/** What a converter is: one per kind of raw row, one line in `index.ts`. */

import type { FlopConvention } from "../../training/result.ts";
import type { Assumption, EvidenceRecord, Section, Use } from "../record.ts";
import type { RawRow } from "./raw.ts";

export interface Skipped {
  readonly id: string;
  readonly reason: string;
}

export interface Converter {
  readonly kind: string;
  readonly summary: string;
  /** A record, or the reason why the row cannot be expressed. */
  convert(row: RawRow): EvidenceRecord | { readonly skip: string };
}

/** The scenario half of a record, as the reader of one source builds it. */
export interface Draft {
  readonly use: Use;
  readonly cluster: Section;
  readonly workload: Section;
  readonly layout?: Section;
  readonly serving?: Section;
  readonly software?: string | Section;
  readonly flopConvention?: FlopConvention;
  readonly inferred?: readonly string[];
  readonly assumptions?: readonly Assumption[];
  readonly anomaly?: string;
  readonly calibration?: string;
}

export type Drafted = Draft | { readonly skip: string };

/** Reads the rows of one source. */
export interface SourceReader {
  readonly name: string;
  matches(row: RawRow): boolean;
  draft(row: RawRow): Drafted;
}

export function assume(path: string, value: string | number, reason: string): Assumption {
  return { path, value: String(value), reason };
}

const quoteLength = 200;

/** Joins what every record has with the draft of its source. */
export function assembleRecord(
  row: RawRow,
  draft: Draft,
  readings: Pick<EvidenceRecord, "measured" | "unconverted">,
): EvidenceRecord {
  const quote = row.quote.length > quoteLength ? `${row.quote.slice(0, quoteLength - 1)}…` : row.quote;
  return {
    windtunnel: 1,
    name: `${row.source.title}: ${row.source.where}`,
    id: row.id,
    kind: row.kind,
    source: row.source,
    ...(row.seenAt === undefined ? {} : { seenAt: row.seenAt }),
    use: draft.use,
    cluster: draft.cluster,
    workload: draft.workload,
    ...(draft.layout === undefined ? {} : { layout: draft.layout }),
    ...(draft.serving === undefined ? {} : { serving: draft.serving }),
    ...(draft.software === undefined ? {} : { software: draft.software }),
    ...(draft.flopConvention === undefined ? {} : { flopConvention: draft.flopConvention }),
    measured: readings.measured,
    unconverted: readings.unconverted,
    inferred: draft.inferred ?? [],
    assumptions: draft.assumptions ?? [],
    quote,
    notes: row.notes,
    ...(draft.anomaly === undefined ? {} : { anomaly: draft.anomaly }),
    ...(draft.calibration === undefined ? {} : { calibration: draft.calibration }),
  };
}
