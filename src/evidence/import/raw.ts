/** Raw rows as they were transcribed: loose objects. Readers here never throw; a missing field is `undefined`. */

import type { Section } from "../record.ts";

export interface RawRow {
  readonly id: string;
  readonly kind: string;
  readonly source: { readonly title: string; readonly url: string; readonly where: string; readonly year: number };
  readonly seenAt?: string;
  readonly system: Section;
  readonly workload: Section;
  readonly plan: Section;
  readonly measured: readonly {
    readonly metric: string;
    readonly value: number;
    readonly unit: string;
    /** Everything that the entry says. */
    readonly extra: Section;
  }[];
  readonly flopConvention?: string;
  readonly quote: string;
  readonly notes: string;
}

export function isSection(value: unknown): value is Section {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The object under a key, or an empty one. */
export function section(value: unknown): Section {
  return isSection(value) ? value : {};
}

/** A finite number; text that is one counts (`"8"`). */
export function numberOf(value: unknown): number | undefined {
  const found = typeof value === "string" && value.trim() !== "" ? Number(value) : value;
  return typeof found === "number" && Number.isFinite(found) ? found : undefined;
}

export function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}

/** A raw row, or why it cannot be read. */
export function readRow(value: unknown, index: number): RawRow | { readonly id: string; readonly reason: string } {
  if (!isSection(value)) return { id: `row ${index}`, reason: "not an object" };
  const id = textOf(value.id) || `row ${index}`;
  const kind = textOf(value.kind);
  if (kind === "") return { id, reason: "no kind" };
  if (!Array.isArray(value.measured) || value.measured.length === 0) return { id, reason: "nothing measured" };
  const source = section(value.source);
  const measured = value.measured.flatMap((entry: unknown) => {
    const found = section(entry);
    const number = numberOf(found.value);
    if (number === undefined) return [];
    return [{ metric: textOf(found.metric), value: number, unit: textOf(found.unit), extra: found }];
  });
  const seenAt = textOf(value.seen_at);
  const convention = textOf(value.flop_convention);
  return {
    id,
    kind,
    source: {
      title: textOf(source.title),
      url: textOf(source.url),
      where: textOf(source.where),
      year: numberOf(source.year) ?? 0,
    },
    ...(seenAt === "" ? {} : { seenAt }),
    ...(convention === "" ? {} : { flopConvention: convention }),
    system: section(value.system),
    workload: section(value.workload),
    plan: section(value.plan),
    measured,
    quote: textOf(value.quote),
    notes: textOf(value.notes),
  };
}

/** A whole number that the row must state. */
export function countOf(part: Section, key: string): number | undefined {
  const found = numberOf(part[key]);
  return found !== undefined && Number.isInteger(found) && found > 0 ? found : undefined;
}

/** Measured value of a metric, if the row has it. */
export function measuredOf(row: RawRow, metric: string): number | undefined {
  return row.measured.find((entry) => entry.metric === metric)?.value;
}
