import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { jsonSchema } from "./json-schema.ts";

type Node = { readonly [key: string]: unknown };

it("equals the committed schema (npm run -s windtunnel -- schema > schema/scenario.schema.json)", () => {
  const committed = readFileSync(new URL("../../../schema/scenario.schema.json", import.meta.url), "utf8");
  expect(JSON.parse(committed)).toEqual(JSON.parse(JSON.stringify(jsonSchema())));
});

it("describes every field and closes every object of known keys", () => {
  const bare: string[] = [];
  const visit = (node: Node, path: string): void => {
    const properties = node.properties as Record<string, Node> | undefined;
    for (const [key, field] of Object.entries(properties ?? {})) {
      const constant = "const" in field;
      if (field.description === undefined && !constant) bare.push(`${path}.${key}`);
      visit(field, `${path}.${key}`);
    }
    for (const branch of [...((node.anyOf ?? node.oneOf ?? []) as Node[])]) visit(branch, path);
    if (node.items !== undefined) visit(node.items as Node, `${path}[]`);
  };
  visit(jsonSchema() as Node, "");
  expect(bare).toEqual([]);
});

it("writes quantities as text and counts as numbers or text", () => {
  const root = jsonSchema() as { properties: Record<string, { properties?: Record<string, Node>; oneOf?: Node[] }> };
  expect(root.properties.economics?.properties?.energy).toMatchObject({ type: "string" });
  expect(root.properties.seed).toMatchObject({ type: ["number", "string"] });
  expect(root.properties.workload?.oneOf).toHaveLength(8);
});
