import { expect, it } from "vitest";
import { registry } from "./registry.ts";

const nodes = registry("node", [
  { name: "hgx-h100", aliases: ["HGX-H100-80GB", "hgx-h100"], size: 8 },
  { name: "dgx-a100", size: 8 },
]);

it("finds by name and alias without regard to case", () => {
  expect(nodes.find("HGX-h100")?.name).toBe("hgx-h100");
  expect(nodes.find(" hgx-h100-80gb ")?.name).toBe("hgx-h100");
  expect(nodes.find("hgx-h10")).toBeUndefined();
  expect(nodes.names).toEqual(["hgx-h100", "dgx-a100"]);
});

it("says what is near when a name is unknown", () => {
  expect(() => nodes.get("hgx-h10")).toThrow('unknown node "hgx-h10"; did you mean "hgx-h100"?');
  expect(nodes.unknown("hgx-h10", "cluster.node")).toEqual({
    path: "cluster.node",
    message: 'unknown node "hgx-h10"',
    hint: 'did you mean "hgx-h100"?',
  });
  expect(nodes.unknown("toaster", "cluster.node").hint).toBe("known: hgx-h100, dgx-a100");
});

it("refuses two entries of one name, and freezes", () => {
  expect(() => registry("model", [{ name: "A" }, { name: "b", aliases: ["a"] }])).toThrow('"a" is claimed by A and b');
  expect(() => Object.assign(nodes.get("dgx-a100"), { size: 4 })).toThrow(TypeError);
});

it("names entries by a rule of their own", () => {
  const profiles = registry(
    "software",
    [
      { name: "megatron-core", version: "0.7" },
      { name: "megatron-core", version: "0.8" },
    ],
    (entry) => `${entry.name}@${entry.version}`,
  );
  expect(profiles.get("megatron-core@0.8").version).toBe("0.8");
  expect(profiles.find("megatron-core")).toBeUndefined();
});
