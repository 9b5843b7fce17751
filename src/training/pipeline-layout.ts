/**
 * Megatron's pipeline layout strings: which layers each virtual stage holds. `E` embedding, `t` transformer layer,
 * `m` multi-token prediction, `L` loss; `|` ends a stage, `x*n` and `(…)*n` repeat.
 */

/** Transformer layers per virtual stage, in pipeline order; undefined where the text is not such a string. */
export function stageLayersOf(layout: string): readonly number[] | undefined {
  const expanded = expand(layout);
  if (expanded === undefined) return undefined;
  return expanded.split("|").map((stage) => [...stage].filter((letter) => letter === "t").length);
}

function expand(text: string): string | undefined {
  let rest = text;
  let out = "";
  while (rest !== "") {
    const match = /^(?:\(([^()]*)\)|([EtmL|]))(?:\*(\d+))?/.exec(rest);
    if (match === null) return undefined;
    const inner = match[1] === undefined ? match[2] : expand(match[1]);
    if (inner === undefined) return undefined;
    out += inner.repeat(Number(match[3] ?? 1));
    rest = rest.slice(match[0].length);
  }
  return out;
}

/**
 * Layers per virtual stage where embedding and loss each count as one layer (Megatron's account_for_*_in_pipeline_split):
 * the first and the last stage hold one transformer layer fewer.
 */
export function accountedStages(layers: number, stages: number): readonly number[] | undefined {
  const each = (layers + 2) / stages;
  if (!Number.isInteger(each) || stages < 2) return undefined;
  return Array.from({ length: stages }, (_, index) => (index === 0 || index === stages - 1 ? each - 1 : each));
}
