/**
 * The fastest layouts of a space, proven so: families are bounded, those that cannot come near the best are left out
 * whole, and every other member is evaluated exactly as `predict` does.
 */

import type { Bytes, Seconds } from "../../base/quantity.ts";
import type { LayoutText, UnlaidTraining } from "../../scenario/index.ts";
import {
  type Layout,
  leastDegreeTime,
  leastFamilyTime,
  leastMemory,
  relaxedLayout,
  type StepEvaluator,
  stepEvaluator,
} from "../../training/index.ts";
import type { Covered, FoundLayout } from "./answer.ts";
import { Best, Closest } from "./best.ts";
import { type Family, familiesOf, membersOf, type Text } from "./space.ts";

export interface FindOptions {
  /** Share of the best's step time that counts as near it. */
  readonly within: number;
  readonly memoryMost: Bytes;
  /** Asked now and then; true ends the search. */
  readonly stop: () => boolean;
  readonly onProgress: (covered: Covered, best: FoundLayout | undefined) => void;
}

export interface Found {
  readonly covered: Covered;
  readonly best: Best;
  /** Those that lack least memory, where nothing fits. */
  readonly closest: readonly FoundLayout[];
}

type Counts = { -readonly [Key in keyof Covered]: Covered[Key] };

/** Searches the space of a layout as written, with its open keys. */
export function findLayouts(written: LayoutText, unlaid: UnlaidTraining, options: FindOptions): Found {
  return new Search(written, unlaid, options).run();
}

/** A family with what is known of it before its members are looked at. */
interface Bounded {
  readonly family: Family;
  readonly bound: Seconds;
}

class Search {
  private readonly written: LayoutText;
  private readonly unlaid: UnlaidTraining;
  private readonly options: FindOptions;
  private readonly evaluator: StepEvaluator;
  private readonly counts: Counts = { space: 0, slower: 0, larger: 0, refused: 0, evaluated: 0, left: 0 };
  private readonly best: Best;
  private readonly misses = new Closest();

  constructor(written: LayoutText, unlaid: UnlaidTraining, options: FindOptions) {
    this.written = written;
    this.unlaid = unlaid;
    this.options = options;
    this.evaluator = stepEvaluator(unlaid.case);
    this.best = new Best(options.within);
  }

  run(): Found {
    const families = familiesOf(this.written, this.unlaid);
    const sizes = new Map(families.map((family) => [family, this.members(family).length]));
    for (const size of sizes.values()) this.counts.space += size;
    const left = new Set(families);
    const groups = this.groupsOf(families, (family) => {
      this.counts.refused += sizes.get(family)!;
      left.delete(family);
    });
    for (const { bound, members } of groups) {
      if (this.options.stop()) break;
      const sorted = bound > this.best.limit ? members.map((family) => ({ family, bound })) : this.bounded(members);
      for (const each of sorted) {
        if (this.options.stop()) break;
        left.delete(each.family);
        if (each.bound > this.best.limit) this.counts.slower += sizes.get(each.family)!;
        else this.look(each.family);
      }
      this.options.onProgress(this.counts, this.best.first);
    }
    for (const family of left) this.counts.left += sizes.get(family)!;
    return { covered: { ...this.counts }, best: this.best, closest: this.misses.list() };
  }

  private members(family: Family): readonly Text[] {
    return membersOf(family, this.written, this.unlaid);
  }

  /** Families by what a layer computes, the least bound first; those of which no member is allowed are told. */
  private groupsOf(
    families: readonly Family[],
    refused: (family: Family) => void,
  ): readonly { readonly bound: Seconds; readonly members: readonly Family[] }[] {
    const groups = new Map<string, Family[]>();
    for (const family of families) {
      const known = groups.get(family.degrees);
      if (known === undefined) groups.set(family.degrees, [family]);
      else known.push(family);
    }
    return [...groups.values()]
      .flatMap((members) => {
        const laid = this.firstLaid(members, refused);
        if (laid === undefined) return [];
        const relaxed = relaxedLayout(laid.layout);
        const step = this.evaluator.evaluate(relaxed);
        const bound = leastDegreeTime(this.unlaid.case, this.evaluator, step, relaxed);
        return [{ bound, members: members.slice(laid.index) }];
      })
      .sort((a, b) => a.bound - b.bound);
  }

  /** The first family that has a layout; those before it have none. */
  private firstLaid(
    members: readonly Family[],
    refused: (family: Family) => void,
  ): { readonly layout: Layout; readonly index: number } | undefined {
    for (const [index, family] of members.entries()) {
      const layout = this.anyOf(family);
      if (layout !== undefined) return { layout, index };
      refused(family);
    }
    return undefined;
  }

  /** A layout of a family; undefined where the language refuses all of them. */
  private anyOf(family: Family): Layout | undefined {
    for (const text of this.members(family)) {
      const laid = this.unlaid.lay(text as LayoutText);
      if ("layout" in laid) return laid.layout;
    }
    return undefined;
  }

  /** Families of one group with their bounds, the least first. */
  private bounded(members: readonly Family[]): readonly Bounded[] {
    return members
      .map((family): Bounded => {
        const layout = this.anyOf(family);
        // No bound: its members are refused one by one.
        if (layout === undefined) return { family, bound: 0 };
        return { family, bound: leastFamilyTime(this.evaluator.evaluate(relaxedLayout(layout))) };
      })
      .sort((a, b) => a.bound - b.bound);
  }

  /** Evaluates the members of a family whose state may fit. */
  private look(family: Family): void {
    const { memoryMost } = this.options;
    for (const text of this.members(family)) {
      const laid = this.unlaid.lay(text as LayoutText);
      if ("problems" in laid) {
        this.counts.refused++;
        continue;
      }
      const { layout } = laid;
      const least = leastMemory({ ...this.unlaid.case, layout });
      if (least > memoryMost) {
        this.counts.larger++;
        if (this.best.first === undefined) this.misses.add(this.evaluated(text, layout));
        continue;
      }
      this.counts.evaluated++;
      const found = this.evaluated(text, layout);
      if (found.memory <= memoryMost) this.best.add(found);
      else if (this.best.first === undefined) this.misses.add(found);
    }
  }

  private evaluated(text: Text, layout: Layout): FoundLayout {
    const { stepTime, memory } = this.evaluator.evaluate(layout);
    return { layout: text as LayoutText, stepTime, memory: memory.total };
  }
}
