/**
 * The fastest layouts of a space, proven so: families are bounded, those that cannot come near the best are left out
 * whole, and every other member is evaluated exactly as `predict` does.
 */

import type { Bytes, Seconds } from "../../base/quantity.ts";
import type { Steps } from "../../base/steps.ts";
import type { LayoutText, UnlaidTraining } from "../../scenario/index.ts";
import {
  type Layout,
  leastDegreeTime,
  leastFamilyTime,
  leastMemory,
  leastScheduleTime,
  relaxedLayout,
  type StepEvaluator,
  stepEvaluator,
} from "../../training/index.ts";
import type { Covered, FoundLayout } from "./answer.ts";
import { Best, Closest, type Reach } from "./best.ts";
import { type Group, type MemberClass, type Space, spaceOf, type Text } from "./space.ts";

export interface FindOptions {
  readonly reach: Reach;
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

/** Searches the space of a layout as written, with its open keys; pauses between families. */
export function findLayouts(written: LayoutText, unlaid: UnlaidTraining, options: FindOptions): Steps<Found> {
  return new Search(written, unlaid, options).run();
}

/** A family with a layout of it and what is known before its members are looked at. */
interface Bounded {
  readonly family: Text;
  readonly stem: Text;
  readonly size: number;
  readonly relaxed: Layout;
  readonly bound: Seconds;
}

/** Groups that a stopped search without an answer takes a layout from. */
const anyMost = 64;

interface BoundedGroup {
  readonly bound: Seconds;
  readonly group: Group;
}

class Search {
  private readonly space: Space;
  private readonly unlaid: UnlaidTraining;
  private readonly options: FindOptions;
  private readonly evaluator: StepEvaluator;
  private readonly counts: Counts;
  private readonly best: Best;
  private readonly misses = new Closest();

  constructor(written: LayoutText, unlaid: UnlaidTraining, options: FindOptions) {
    this.space = spaceOf(written, unlaid);
    this.unlaid = unlaid;
    this.options = options;
    this.evaluator = stepEvaluator(unlaid.case);
    this.best = new Best(options.reach);
    this.counts = { space: this.space.size, slower: 0, larger: 0, refused: 0, evaluated: 0, left: this.space.size };
  }

  *run(): Steps<Found> {
    const left = new Set(this.space.groups);
    for (const { bound, group } of yield* this.boundedGroups()) {
      if (this.options.stop()) break;
      left.delete(group);
      if (bound > this.best.limit) this.count("slower", group.size);
      else yield* this.visit(group);
      this.options.onProgress(this.counts, this.best.first);
    }
    if (this.best.first === undefined && this.counts.left > 0) this.takeAny([...left]);
    return { covered: { ...this.counts }, best: this.best, closest: this.misses.list() };
  }

  /** For a search that was stopped before it found anything: one layout that fits from each of some groups, all over the space. */
  private takeAny(groups: readonly Group[]): void {
    const stride = Math.max(1, Math.floor(groups.length / anyMost));
    for (let index = 0; index < groups.length; index += stride) this.takeOneOf((groups[index] as Group).stems);
  }

  private takeOneOf(stems: Group["stems"]): void {
    for (const stem of stems) {
      const [family] = this.space.familiesOf(stem);
      if (family === undefined) continue;
      for (const { members } of this.space.classesOf(stem)) {
        const fitting = this.best.count;
        const [member] = members;
        if (member !== undefined) this.evaluate({ ...family, ...member });
        if (this.best.count > fitting) return;
      }
      return;
    }
  }

  private count(what: Exclude<keyof Covered, "space" | "left">, number: number): void {
    this.counts[what] += number;
    this.counts.left -= number;
  }

  /** Groups, the least bound first; those of which no member is allowed are told. */
  private *boundedGroups(): Steps<readonly BoundedGroup[]> {
    const found: BoundedGroup[] = [];
    for (const group of this.space.groups) {
      yield;
      if (this.options.stop()) break;
      const relaxed = this.firstOf(group);
      if (relaxed === undefined) this.count("refused", group.size);
      else found.push({ bound: leastDegreeTime(this.evaluator.stages(relaxed)), group });
    }
    return found.sort((a, b) => a.bound - b.bound);
  }

  private firstOf({ stems }: Group): Layout | undefined {
    for (const stem of stems) {
      for (const family of this.space.familiesOf(stem)) {
        const relaxed = this.relaxedOf(family, stem);
        if (relaxed !== undefined) return relaxed;
      }
    }
    return undefined;
  }

  /** The relaxed layout of a family; undefined where the language refuses all members. */
  private relaxedOf(family: Text, stem: Text): Layout | undefined {
    for (const { base } of this.space.classesOf(stem)) {
      const laid = this.unlaid.lay({ ...family, ...base } as LayoutText);
      if ("layout" in laid) return relaxedLayout(laid.layout);
    }
    return undefined;
  }

  private *visit(group: Group): Steps<void> {
    for (const { family, stem, size, relaxed, bound } of this.bounded(group)) {
      yield;
      if (this.options.stop()) return;
      const { limit } = this.best;
      if (bound > limit || leastFamilyTime(this.evaluator.evaluate(relaxed)) > limit) this.count("slower", size);
      else for (const each of this.space.classesOf(stem)) this.look(family, each);
      this.options.onProgress(this.counts, this.best.first);
    }
  }

  /** Families of one group with their bounds, the least first. */
  private bounded({ stems }: Group): readonly Bounded[] {
    const found: Bounded[] = [];
    for (const stem of stems) {
      const size = this.space.classesOf(stem).reduce((sum, { members }) => sum + members.length, 0);
      for (const family of this.space.familiesOf(stem)) {
        const relaxed = this.relaxedOf(family, stem);
        if (relaxed === undefined) this.count("refused", size);
        else {
          const bound = leastScheduleTime(this.evaluator.stages(relaxed));
          found.push({ family, stem, size, relaxed, bound });
        }
      }
    }
    return found.sort((a, b) => a.bound - b.bound);
  }

  /** Members of a class are out together where the one that offloads nothing is refused or too slow. */
  private look(family: Text, { base, members }: MemberClass): void {
    const out = members.length > 1 ? this.outTogether({ ...family, ...base }) : undefined;
    if (out !== undefined) this.count(out, members.length);
    else for (const member of members) this.evaluate({ ...family, ...member });
  }

  private outTogether(base: Text): "refused" | "slower" | undefined {
    const laid = this.unlaid.lay(base as LayoutText);
    if ("problems" in laid) return "refused";
    return leastFamilyTime(this.evaluator.evaluate(laid.layout)) > this.best.limit ? "slower" : undefined;
  }

  /** Evaluates a member whose state may fit. */
  private evaluate(text: Text): void {
    const { memoryMost } = this.options;
    const laid = this.unlaid.lay(text as LayoutText);
    if ("problems" in laid) {
      this.count("refused", 1);
      return;
    }
    const { layout } = laid;
    const least = leastMemory({ ...this.unlaid.case, layout });
    if (least > memoryMost) {
      this.count("larger", 1);
      if (this.best.first === undefined && this.misses.mayTake(least)) this.misses.add(this.evaluated(text, layout));
      return;
    }
    this.count("evaluated", 1);
    const found = this.evaluated(text, layout);
    if (found.memory <= memoryMost) this.best.add(found);
    else if (this.best.first === undefined) this.misses.add(found);
  }

  private evaluated(text: Text, layout: Layout): FoundLayout {
    const { stepTime, memory } = this.evaluator.evaluate(layout);
    return { layout: text as LayoutText, stepTime, memory: memory.total };
  }
}
