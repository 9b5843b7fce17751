/** Groups of ranks cut from a row of accelerators, as layouts of parallel programs cut them. */

/** `size` ranks a group, `stride` places apart: with stride 1 neighbours, with the node's size the same place of nodes. */
export interface GroupShape {
  readonly size: number;
  readonly stride: number;
}

/** The groups; `groupsFit` says whether everybody is in one. */
export function groupsOf(members: readonly number[], { size, stride }: GroupShape): readonly (readonly number[])[] {
  const block = size * stride;
  const groups: number[][] = [];
  for (let first = 0; first + block <= members.length; first += block) {
    for (let offset = 0; offset < stride; offset++) {
      groups.push(Array.from({ length: size }, (_, rank) => members[first + offset + rank * stride] ?? 0));
    }
  }
  return groups;
}

export function groupsFit(count: number, { size, stride }: GroupShape): boolean {
  return count > 0 && count % (size * stride) === 0;
}
