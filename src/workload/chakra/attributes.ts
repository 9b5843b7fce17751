/** Attributes of a node by name, as numbers, text and lists; what has another type is a problem of the node. */

import type { Attribute, AttributeValue, ChakraNode } from "./schema.ts";

/** Says what is wrong with one node. */
export type Complain = (message: string) => void;

function found({ attributes }: Pick<ChakraNode, "attributes">, name: string): Attribute | undefined {
  return attributes.find((attribute) => attribute.name === name);
}

/** A whole number of 0 or more in any of the types for numbers. */
export function count(node: ChakraNode, name: string, complain: Complain): number | undefined {
  const attribute = found(node, name);
  if (attribute?.content === undefined) return undefined;
  const { type, value } = attribute.content;
  if (typeof value !== "bigint" && typeof value !== "number") {
    complain(`${name} is ${Array.isArray(value) ? "a list" : `a ${type}`}, expected a number`);
    return undefined;
  }
  const number = Number(value);
  if (Number.isSafeInteger(number) && number >= 0) return number;
  complain(`${name} is ${value}, expected a whole number of 0 or more`);
  return undefined;
}

/** Text, or a number as text. */
export function word(node: ChakraNode, name: string, complain: Complain): string | undefined {
  const value = found(node, name)?.content?.value;
  if (value === undefined || value === "") return undefined;
  if (typeof value === "string" || typeof value === "bigint" || typeof value === "number") return String(value);
  complain(`${name} is no text`);
  return undefined;
}

/** A list of on and off. */
export function flags(node: ChakraNode, name: string, complain: Complain): readonly AttributeValue[] | undefined {
  const content = found(node, name)?.content;
  if (content === undefined) return undefined;
  if (content.type === "bool" && Array.isArray(content.value)) return content.value as readonly AttributeValue[];
  complain(`${name} is no list of bool`);
  return undefined;
}
