/**
 * When TensorRT-LLM lets prompts wait although they fit, so that more of them are computed together. With attention data
 * parallelism every rank waits for the one with most prompts, so `balance` holds them back until each rank has one, but
 * for `balanceTimeout` iterations at most; with one rank they wait until an iteration is full to `batchWaitShare`, for
 * `batchWaitIterations` at most. Nothing waits where nobody generates.
 * @source tensorrt-llm-prompt-waiting
 */

import type { Rank } from "../engine/rank.ts";
import type { EngineSettings } from "../engine/settings.ts";
import type { Gate } from "./policy.ts";

/** What a rank could put into the next iteration. */
export interface Outlook {
  /** Prompts that fit, and all their tokens. */
  readonly prompts: number;
  readonly promptTokens: number;
  readonly generating: number;
  /** Tokens of those that generate, drafted ones included. */
  readonly tokens: number;
}

/** Looks at all ranks before every iteration; undefined where nothing ever waits. */
export function gateOf(settings: EngineSettings, look: (rank: Rank) => Outlook): Gate | undefined {
  const { balance = "off", batchWaitIterations = 0, batchWaitShare = 0 } = settings.options ?? {};
  if (settings.dataParallel > 1) return balance === "on" ? balanced(settings, look) : undefined;
  const most = Number(batchWaitIterations);
  return most > 0 && Number(batchWaitShare) > 0 ? filled(settings, look, most) : undefined;
}

/** Until every rank has a prompt, and then so many iterations more. The count runs on where there is none at all. */
function balanced(settings: EngineSettings, look: (rank: Rank) => Outlook): Gate {
  const timeout = Number(settings.options?.balanceTimeout ?? balanceDefaults.timeout);
  const wait = Number(settings.options?.balanceWait ?? balanceDefaults.wait);
  let passed = 0;
  let waited = 0;
  return (ranks) => {
    const outlooks = ranks.map(look);
    const generates = outlooks.every(({ generating }) => generating > 0);
    const ready = outlooks.every(({ prompts, generating }) => prompts > 0 && generating < settings.maxSequences);
    if (ready) {
      passed = 0;
      if (generates && waited < wait) {
        waited += 1;
        return "held";
      }
      if (generates) waited = 0;
      return "planned";
    }
    passed += 1;
    if (passed < timeout && generates) return "held";
    passed = 0;
    return "planned";
  };
}

/** Iterations, where an engine that balances is told no numbers. @source tensorrt-llm-prompt-waiting */
const balanceDefaults = { timeout: 50, wait: 10 } as const;

function filled(settings: EngineSettings, look: (rank: Rank) => Outlook, most: number): Gate {
  const wanted = Number(settings.options?.batchWaitShare) * settings.maxBatchedTokens;
  let waited = 0;
  return ([rank]) => {
    if (rank === undefined) return "planned";
    const { prompts, promptTokens, generating, tokens } = look(rank);
    if (prompts === 0 || generating === 0) return "planned";
    if (waited < most && promptTokens + tokens < wanted) {
      waited += 1;
      return "held";
    }
    waited = 0;
    return "planned";
  };
}
