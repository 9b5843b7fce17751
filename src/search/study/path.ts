/** Fields of a scenario as written, by their dotted path: `workloads[0].layout.tensor`. */

import { isObject } from "../../scenario/index.ts";

export type Keys = readonly (string | number)[];

/** The keys of a path; undefined where it is none. */
export function keysOf(path: string): Keys | undefined {
  if (!/^[^.[\]\s]+(\[\d+\])*(\.[^.[\]\s]+(\[\d+\])*)*$/.test(path)) return undefined;
  return path
    .replaceAll(/\[(\d+)\]/g, ".$1")
    .split(".")
    .map((key) => (/^\d+$/.test(key) ? Number(key) : key));
}

/** True where one path is the other, or holds it. */
export function overlap(a: Keys, b: Keys): boolean {
  return a.slice(0, b.length).every((key, index) => key === b[index]);
}

/**
 * The value with another in the place of one field. Text on the way is a catalog name, and becomes an object that
 * extends it: `cluster.node: hgx-h100` takes `cluster.node.nics.bandwidth`.
 */
export function placed(value: unknown, keys: Keys, written: unknown): unknown {
  const [key, ...rest] = keys;
  if (key === undefined) return written;
  if (typeof key === "number") {
    const items = Array.isArray(value) ? [...(value as unknown[])] : [];
    items[key] = placed(items[key], rest, written);
    return items;
  }
  const object = isObject(value) ? value : typeof value === "string" ? { extends: value } : {};
  return { ...object, [key]: placed(object[key], rest, written) };
}
