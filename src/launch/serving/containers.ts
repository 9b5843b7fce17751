/** Commands of containers in YAML: Kubernetes manifests (pods of any kind) and Compose files, every document of them. */

import { isMap, isScalar, isSeq, LineCounter, type Node, parseAllDocuments, type YAMLMap } from "yaml";
import type { Setting } from "../sheet.ts";
import type { Field } from "../shell/expand.ts";
import { runShell } from "../shell/run.ts";

export interface Containers {
  readonly commands: readonly (readonly Field[])[];
  /** `spec.replicas` of the first object with a container. */
  readonly copies?: Setting;
}

export function hasContainers(text: string): boolean {
  return /^(apiVersion|services):/m.test(text) && /^\s*-?\s*(args|command):/m.test(text);
}

export function containers(text: string): Containers {
  const lines = new LineCounter();
  const commands: (readonly Field[])[] = [];
  let copies: Setting | undefined;
  const lineOf = (node: Node): number => lines.linePos(node.range?.[0] ?? 0).line;
  const compose = /^services:/m.test(text);
  const visit = (node: unknown): void => {
    if (isSeq(node)) node.items.forEach(visit);
    if (!isMap(node)) return;
    const own = commandOf(node, compose ? "entrypoint" : "command", lineOf);
    if (own.length > 0) commands.push(...own);
    else for (const { value } of node.items) visit(value);
  };
  for (const document of parseAllDocuments(text, { lineCounter: lines })) {
    const before = commands.length;
    visit(document.contents);
    const replicas = document.getIn(["spec", "replicas"], true);
    if (commands.length === before || copies !== undefined || !isScalar(replicas)) continue;
    const value = Number(replicas.value);
    copies = { name: "spec.replicas", value, text: String(replicas.value), line: lineOf(replicas) };
  }
  return { commands, ...(copies === undefined ? {} : { copies }) };
}

/** Image, command and arguments of a container as one command: without a command the image's entry point runs. */
function commandOf(
  map: YAMLMap,
  program: "command" | "entrypoint",
  lineOf: (node: Node) => number,
): readonly (readonly Field[])[] {
  // What Kubernetes calls command and args, Compose calls entrypoint and command.
  const [command, args] = [map.get(program, true), map.get(program === "command" ? "args" : "command", true)];
  if (command === undefined && args === undefined) return [];
  const image = map.get("image", true);
  const own = [...fieldsOf(command, lineOf), ...fieldsOf(args, lineOf)];
  if (own.length === 0) return [];
  return [command === undefined ? [...fieldsOf(image, lineOf), ...own] : own];
}

/** Words of a list; a text is split as a shell would. */
function fieldsOf(node: unknown, lineOf: (node: Node) => number): readonly Field[] {
  if (isSeq(node)) return node.items.flatMap((each) => (isScalar(each) ? [[fragment(each, lineOf)]] : []));
  if (!isScalar(node)) return [];
  const { line } = fragment(node, lineOf);
  const words = runShell(String(node.value)).commands.flat();
  return words.map((field) => field.map((each) => ({ ...each, line })));
}

function fragment(node: Node & { readonly value?: unknown }, lineOf: (node: Node) => number): Field[number] {
  return { text: String(node.value), line: lineOf(node) };
}
