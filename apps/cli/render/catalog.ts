/** Catalog entries for people. */

import { type Dimension, formatQuantity } from "../../../src/base/quantity.ts";
import type { CatalogOutput } from "../../../src/operations/index.ts";
import { hanging, type View } from "../view.ts";
import { memorySize } from "./memory.ts";
import { sourceLines } from "./sources.ts";
import { renderTable } from "./table.ts";

export function renderCatalog(output: CatalogOutput, view: View): string {
  if ("kinds" in output) {
    const rows = output.kinds.map(({ kind, count, summary }) => [kind, String(count), summary]);
    const columns = [{ title: "kind" }, { title: "entries", align: "right" }, { title: "what" }] as const;
    return `${renderTable(columns, rows, view.width).join("\n")}\n`;
  }
  if ("entries" in output) {
    const rows = output.entries.map(({ name, label }) => [name, label]);
    return `${renderTable([{ title: output.kind }, { title: "what" }], rows, view.width).join("\n")}\n`;
  }
  const { kind, name, entry, sources } = output;
  // What is said in one line comes first, what opens a block after it.
  const [flat, blocks] = [true, false].map((wanted) =>
    Object.entries(entry).filter(([key, at]) => isFlat(key, at) === wanted),
  );
  const fields = [...(flat ?? []), ...(blocks ?? [])].flatMap(([key, value]) => {
    return fieldLines(key, value, { indent: "  ", entry, view });
  });
  return `${[view.bold(`${kind} ${name}`), ...fields, ...sourceLines(sources, view)].join("\n")}\n`;
}

/** Fields that hold a dimension, by their name; those below `bytes` are bytes as well. */
const dimensionOf: Readonly<Record<string, Dimension>> = {
  cache: "bytes",
  bandwidth: "bytesPerSecond",
  hopLatency: "seconds",
  power: "watts",
  vectorPeak: "flopPerSecond",
};

/** Told elsewhere, or only for programs. */
const skipped = ["sources", "quotes", "value"];
/** In the first line already. */
const named = ["name", "version"];

interface Place {
  readonly indent: string;
  readonly entry: object;
  readonly view: View;
  /** The field around this one. */
  readonly within?: string;
}

function fieldLines(key: string, value: unknown, place: Place): string[] {
  const { indent, entry, view, within } = place;
  if (skipped.includes(key) || (named.includes(key) && within === undefined) || isNothing(value)) return [];
  const line = (text: string): string[] => [hanging(`${indent}${key}: `, text, view.width)];
  if (key === "layers" && Array.isArray(value)) return line(layersText(value, entry));
  if (Array.isArray(value)) return value.every(isObject) ? listLines(key, value, place) : line(value.join(", "));
  if (!isObject(value)) return line(valueText(key, value, within));
  // A part of the catalog inside another is named, not repeated.
  if (typeof value.name === "string" && typeof value.label === "string") return line(`${value.name} (${value.label})`);
  return [`${indent}${key}`, ...below(value, { ...place, within: key })];
}

function below(value: object, place: Place): string[] {
  const deeper = { ...place, indent: `${place.indent}  ` };
  return Object.entries(value).flatMap(([key, field]) => (key === "name" ? [] : fieldLines(key, field, deeper)));
}

/** A list of objects: small ones in one line each, others opened below their name. */
function listLines(key: string, items: readonly Fields[], place: Place): string[] {
  const inner = { ...place, indent: `${place.indent}  `, within: key };
  const lines = items.flatMap((item) => {
    const name = String(item.name ?? "-");
    const fields = Object.entries(item).filter(([field]) => field !== "name");
    if (fields.some(([, value]) => typeof value === "object")) return [`${inner.indent}${name}`, ...below(item, inner)];
    const text = fields.map(([field, value]) => `${field} ${valueText(field, value, key)}`).join(", ");
    return [hanging(`${inner.indent}${name}: `, text, place.view.width)];
  });
  return [`${place.indent}${key}`, ...lines];
}

function isFlat(key: string, value: unknown): boolean {
  return key === "layers" || !(isObject(value) || (Array.isArray(value) && value.every(isObject)));
}

type Fields = Readonly<Record<string, unknown>>;

function isObject(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isNothing(value: unknown): boolean {
  if (value === undefined || value === null || value === "") return true;
  return typeof value === "object" && Object.values(value).every(isNothing);
}

/** `61: 3 latent+mlp, 58 latent+moe`. */
function layersText(layers: readonly number[], entry: object): string {
  const kinds = (entry as { readonly layerKinds?: readonly { readonly name: string }[] }).layerKinds ?? [];
  const counts = kinds.map(({ name }, index) => `${layers.filter((kind) => kind === index).length} ${name}`);
  return `${layers.length}: ${counts.join(", ")}`;
}

function valueText(key: string, value: unknown, within: string | undefined): string {
  if (typeof value !== "number") return String(value);
  if (key === "capacity") return memorySize(value)(value);
  // Peaks are keyed by arithmetic: bf16, fp8, int8.
  const dimension = within === "peak" ? "flopPerSecond" : within === "bytes" ? "bytes" : dimensionOf[key];
  if (dimension !== undefined) return formatQuantity(value, dimension);
  return Number.isInteger(value) && value >= 100_000 ? groups(value) : String(value);
}

function groups(value: number): string {
  return String(value).replace(/\B(?=(\d{3})+$)/g, ",");
}
