import { describe, expect, it } from "vitest";
import { random } from "../../base/random.ts";
import { KeyTable } from "./key-table.ts";

describe("blocks by key", () => {
  it("finds what a plain map of lists finds, over random inserts and removals", () => {
    let mistakes = 0;
    for (let seed = 0; seed < 20; seed++) {
      const draw = random(seed).stream("keys");
      const blocks = 200;
      const table = new KeyTable(blocks);
      const plain = new Map<number, number[]>();
      const keyOf = new Array<number>(blocks).fill(-1);
      for (let turn = 0; turn < 5000; turn++) {
        const block = draw.integer(blocks);
        const key = keyOf[block] as number;
        if (key === -1) {
          // Runs of near keys, far keys, and keys that other blocks hold already.
          const fresh = draw.integer(2) === 0 ? draw.integer(100) : draw.integer(1 << 30);
          keyOf[block] = fresh;
          table.insert(fresh, block);
          plain.set(fresh, [...(plain.get(fresh) ?? []), block]);
        } else {
          keyOf[block] = -1;
          table.remove(key, block);
          plain.set(
            key,
            (plain.get(key) ?? []).filter((each) => each !== block),
          );
        }
        const asked = draw.integer(120);
        const own = key === -1 ? (keyOf[block] as number) : key;
        for (const each of [asked, own]) if (table.find(each) !== (plain.get(each)?.[0] ?? -1)) mistakes += 1;
      }
    }
    expect(mistakes).toBe(0);
  });

  it("throws on a removal of what is not there", () => {
    const table = new KeyTable(4);
    table.insert(7, 1);
    expect(() => table.remove(7, 2)).toThrow("not held");
    expect(() => table.remove(8, 1)).toThrow("not held");
  });
});
