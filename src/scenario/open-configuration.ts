/** Serving scenarios whose configuration is open: degrees and engine settings that a search answers. */

import type { Scenario } from "./schema/parse.ts";
import type { OpenDegree, ServingText } from "./schema/serving.ts";
import type { OpenEngine } from "./schema/serving-engine.ts";

/** The path of the first key of the configuration that is open. */
export function openConfigurationKey({ serving }: Pick<Scenario, "serving">): string | undefined {
  if (serving === undefined) return undefined;
  const { configuration, open = {}, engine, pools = {} } = serving;
  if (configuration !== undefined) return "serving.configuration";
  const [degree] = Object.keys(open);
  if (degree !== undefined) return `serving.${degree}`;
  const [setting] = Object.keys(engine?.open ?? {});
  if (setting !== undefined) return `serving.engine.${setting}`;
  for (const [name, pool] of Object.entries(pools)) {
    const [own] = Object.keys(pool.engine?.open ?? {});
    if (own !== undefined) return `serving.pools.${name}.engine.${own}`;
  }
  return undefined;
}

/** Whether any of it is for a search to answer. */
export function configurationIsOpen(scenario: Scenario): boolean {
  return openConfigurationKey(scenario) !== undefined;
}

/** One choice of what was open; keys left out are as written, or the engine's own. */
export interface ConfigurationText {
  readonly replicas?: number;
  readonly tensor?: number;
  readonly pipeline?: number;
  readonly expert?: number;
  readonly attentionData?: number;
  readonly engine: Readonly<Record<string, number | string>>;
}

/** The scenario with a choice in place of what was open. */
export function withConfiguration(scenario: Scenario, chosen: ConfigurationText): Scenario {
  const { configuration: _, open: __, engine: written, ...rest } = scenario.serving ?? {};
  const { open: ___, ...engine } = written ?? {};
  const { engine: settings, ...degrees } = chosen;
  const serving = { ...rest, ...degrees, engine: { ...engine, ...settings } } as ServingText;
  return { ...scenario, serving };
}

/** Degrees and settings that are open. `configuration: auto` opens what is not written. */
export function openedOf({ serving = {} }: Scenario): {
  readonly degrees: NonNullable<ServingText["open"]>;
  readonly engine: OpenEngine;
  readonly replicas: "open" | "written" | "all";
} {
  const { configuration, open = {}, engine = {}, replicas } = serving;
  const all = configuration === "auto";
  const opened = <Key extends string>(keys: readonly Key[], written: object): Partial<Record<Key, "auto">> =>
    all
      ? (Object.fromEntries(keys.filter((key) => !(key in written)).map((key) => [key, "auto"])) as Partial<
          Record<Key, "auto">
        >)
      : {};
  const degrees: readonly OpenDegree[] = ["tensor", "pipeline", "expert", "attentionData"];
  const settings = ["maxSequences", "maxBatchedTokens"] as const;
  const free = replicas === "auto" || (all && replicas === undefined);
  return {
    degrees: { ...opened(degrees, serving), ...open },
    engine: { ...opened(settings, engine), ...engine.open },
    replicas: free ? "open" : replicas === undefined ? "all" : "written",
  };
}
