/**
 * A network description as it stands in a file: plain data with units as text, read into what `customTopology` builds.
 * Whatever is found, the answer is a description or problems with their places.
 *
 *     { name, accelerators: 16 | [names], ports?: 8 | [names], switches: [{ name, count?, radix? }],
 *       cables: [{ from, to, bandwidth, latency?, length?, count?, medium? }] }
 *
 * A number stands for so many: accelerators `gpu 0`, `gpu 1`, ports `nic 0`, switches of a name `leaf 0`, `leaf 1`.
 */

import type { Problem } from "../../base/problem.ts";
import { type Dimension, parseQuantity } from "../../base/quantity.ts";
import { suggestion } from "../../base/suggestion.ts";
import type { CustomCable, CustomGraph } from "./custom.ts";

/** More vertices or cables than this are a slip. */
const most = 4_000_000;
const mediums = ["scale-up", "host", "fabric", "long-haul"] as const;

export function readCustomGraph(found: unknown, path = ""): CustomGraph | { readonly problems: readonly Problem[] } {
  const reader = new Reader();
  const graph = reader.record(found, path, ["name", "accelerators", "ports", "switches", "cables"]);
  const place = (key: string): string => (path === "" ? key : `${path}.${key}`);
  const read: CustomGraph = {
    name: graph.name === undefined ? "custom" : reader.text(graph.name, place("name")),
    accelerators: reader.names(graph.accelerators, place("accelerators"), "gpu"),
    ports: graph.ports === undefined ? [] : reader.names(graph.ports, place("ports"), "nic"),
    switches: reader
      .list(graph.switches ?? [], place("switches"))
      .flatMap((each, index) => reader.switches(each, `${place("switches")}[${index}]`)),
    cables: reader
      .list(graph.cables, place("cables"))
      .map((each, index) => reader.cable(each, `${place("cables")}[${index}]`)),
  };
  return reader.problems.length > 0 ? { problems: reader.problems } : read;
}

/** Reads values and notes what is wrong with them; what it returns then is never used. */
class Reader {
  readonly problems: Problem[] = [];

  record(found: unknown, path: string, known: readonly string[]): Readonly<Record<string, unknown>> {
    if (typeof found !== "object" || found === null || Array.isArray(found)) {
      this.wrong(path, found, `keys ${known.join(", ")}`);
      return {};
    }
    for (const key of Object.keys(found)) {
      if (known.includes(key)) continue;
      const near = suggestion(key, known);
      const hint = near === undefined ? `known: ${known.join(", ")}` : `did you mean "${near}"?`;
      this.problems.push({ path: path === "" ? key : `${path}.${key}`, message: `unknown key "${key}"`, hint });
    }
    return found as Readonly<Record<string, unknown>>;
  }

  list(found: unknown, path: string): readonly unknown[] {
    if (Array.isArray(found) && found.length <= most) return found;
    this.wrong(path, found, "a list");
    return [];
  }

  text(found: unknown, path: string): string {
    if (typeof found === "string" && found !== "") return found;
    this.wrong(path, found, "text");
    return "";
  }

  whole(found: unknown, path: string): number {
    if (typeof found === "number" && Number.isSafeInteger(found) && found > 0 && found <= most) return found;
    this.wrong(path, found, `a whole number from 1 to ${most}`);
    return 1;
  }

  quantity(found: unknown, path: string, dimension: Dimension): number {
    const parsed = parseQuantity(found, dimension);
    if (parsed.ok) return parsed.value;
    this.problems.push({ path, message: parsed.message, ...(parsed.hint === undefined ? {} : { hint: parsed.hint }) });
    return 0;
  }

  names(found: unknown, path: string, prefix: string): readonly string[] {
    if (Array.isArray(found)) return this.list(found, path).map((each, index) => this.text(each, `${path}[${index}]`));
    return Array.from({ length: this.whole(found, path) }, (_, index) => `${prefix} ${index}`);
  }

  switches(found: unknown, path: string): { readonly name: string; readonly radix?: number }[] {
    const { name, count, radix } = this.record(found, path, ["name", "count", "radix"]);
    const text = this.text(name, `${path}.name`);
    const ports = radix === undefined ? {} : { radix: this.whole(radix, `${path}.radix`) };
    if (count === undefined) return [{ name: text, ...ports }];
    const length = this.whole(count, `${path}.count`);
    return Array.from({ length }, (_, index) => ({ name: `${text} ${index}`, ...ports }));
  }

  cable(found: unknown, path: string): CustomCable {
    const keys = ["from", "to", "bandwidth", "latency", "length", "count", "medium"];
    const { from, to, bandwidth, latency, length, count, medium } = this.record(found, path, keys);
    if (medium !== undefined && !mediums.some((each) => each === medium)) {
      this.wrong(`${path}.medium`, medium, mediums.join(", "));
    }
    return {
      from: this.text(from, `${path}.from`),
      to: this.text(to, `${path}.to`),
      bandwidth: this.quantity(bandwidth, `${path}.bandwidth`, "bytesPerSecond"),
      latency: latency === undefined ? 0 : this.quantity(latency, `${path}.latency`, "seconds"),
      ...(length === undefined ? {} : { length: this.metres(length, `${path}.length`) }),
      ...(count === undefined ? {} : { count: this.whole(count, `${path}.count`) }),
      ...(medium === undefined ? {} : { medium: medium as (typeof mediums)[number] }),
    };
  }

  /** `30 m`, `1.2 km`. */
  metres(found: unknown, path: string): number {
    const [, digits, unit] = typeof found === "string" ? (/^(\d+(?:\.\d+)?)\s*(m|km)$/.exec(found.trim()) ?? []) : [];
    if (digits !== undefined) return Number(digits) * (unit === "km" ? 1000 : 1);
    this.wrong(path, found, 'a length, e.g. "30 m" or "80 km"');
    return 0;
  }

  private wrong(path: string, found: unknown, expected: string): void {
    this.problems.push({ path, message: `found ${shown(found)}, expected ${expected}` });
  }
}

function shown(found: unknown): string {
  if (found === undefined || found === null) return "nothing";
  if (Array.isArray(found)) return "a list";
  if (typeof found === "object") return "keys";
  return typeof found === "string" ? `"${found.slice(0, 40)}"` : String(found);
}
