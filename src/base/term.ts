/** Terms: a prediction is a tree of named parts that add up to (or bound) their parent. */

export type Origin = "given" | "specified" | "derived" | "calibrated";
export type Combine = "sum" | "max" | "leaf";

export interface Term {
  /** Flat identifier, unique among its siblings. */
  readonly name: string;
  /** What people read. */
  readonly label: string;
  /** SI value in the unit of the tree (seconds for a step). */
  readonly value: number;
  readonly combine: Combine;
  readonly children: readonly Term[];
  readonly formula?: string;
  /** Key in `catalog/sources`. */
  readonly source?: string;
  readonly origin: Origin;
}

/** How a part is named and where it comes from; a combined part is derived unless it says otherwise. */
export interface TermHead {
  readonly name: string;
  readonly label: string;
  readonly formula?: string;
  readonly source?: string;
  readonly origin?: Origin;
}

/** A part without parts. */
export function leaf(head: TermHead & { readonly value: number; readonly origin: Origin }): Term {
  return make(head, { value: head.value, combine: "leaf", children: [] });
}

/** The sum of its parts. */
export function sumOf(head: TermHead, children: readonly Term[]): Term {
  let value = 0;
  for (const child of children) value += child.value;
  return make(head, { value, combine: "sum", children });
}

/** The largest of its parts; at least one is required, because no value bounds nothing. */
export function maxOf(head: TermHead, children: readonly Term[]): Term {
  if (children.length === 0) throw new Error(`term "${head.name}" is a maximum of no parts`);
  let value = Number.NEGATIVE_INFINITY;
  for (const child of children) value = Math.max(value, child.value);
  return make(head, { value, combine: "max", children });
}

/**
 * Assert that a tree is sound: values are numbers, names are unique among siblings, and every parent is the sum
 * (or maximum) of its parts within 1e-9 relative. Throws an Error that names the path and the values.
 */
export function checkTerm(term: Term): void {
  walkTerm(term, (part, path) => {
    if (Number.isNaN(part.value)) throw new Error(`term ${path} is not a number`);
    if (part.combine === "leaf") {
      if (part.children.length > 0) throw new Error(`term ${path} is a leaf with parts`);
      return;
    }
    const names = new Set(part.children.map((child) => child.name));
    if (names.size !== part.children.length) throw new Error(`term ${path} has two parts of one name`);
    const values = part.children.map((child) => child.value);
    const expected = part.combine === "sum" ? values.reduce((sum, value) => sum + value, 0) : Math.max(...values);
    if (!close(part.value, expected, Math.max(...values.map(Math.abs), 0))) {
      throw new Error(`term ${path} is ${part.value}, but the ${part.combine} of its parts is ${expected}`);
    }
  });
}

/** Visit a tree from the root down, parents first, with the path `stepTime/forward/attention` and the depth. */
export function walkTerm(
  term: Term,
  visit: (term: Term, path: string, depth: number) => void,
  path: string = term.name,
  depth = 0,
): void {
  visit(term, path, depth);
  for (const child of term.children) walkTerm(child, visit, `${path}/${child.name}`, depth + 1);
}

/**
 * Find a part by its path from the root (`stepTime/forward`, the root may be left out), else the first part, from
 * the root down, of that name. Case is ignored.
 */
export function findTerm(term: Term, pathOrName: string): Term | undefined {
  const wanted = pathOrName.toLowerCase().replace(/^\/+|\/+$/g, "");
  let byPath: Term | undefined;
  let byName: Term | undefined;
  walkTerm(term, (part, path) => {
    const full = path.toLowerCase();
    if (full === wanted || full === `${term.name.toLowerCase()}/${wanted}`) byPath ??= part;
    if (part.name.toLowerCase() === wanted) byName ??= part;
  });
  return byPath ?? byName;
}

function make(head: TermHead, body: Pick<Term, "value" | "combine" | "children">): Term {
  if (Number.isNaN(body.value)) throw new Error(`term "${head.name}" is not a number`);
  return {
    name: head.name,
    label: head.label,
    ...body,
    ...(head.formula === undefined ? {} : { formula: head.formula }),
    ...(head.source === undefined ? {} : { source: head.source }),
    origin: head.origin ?? "derived",
  };
}

/** Equal within 1e-9 of the size of the parts, so that parts that cancel are not held to their small sum. */
function close(a: number, b: number, size: number): boolean {
  return a === b || Math.abs(a - b) <= 1e-9 * Math.max(Math.abs(a), Math.abs(b), size);
}
