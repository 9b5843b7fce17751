/** The network: platforms, collectives and expert exchanges in closed form. */
export type { Algorithm } from "./collective/algorithm.ts";
export type {
  CollectiveOperation,
  CollectiveRequest,
  CollectiveTime,
  GroupPlacement,
  Platform,
  Slowdown,
} from "./collective/collective.ts";
export { algorithms, algorithmsFor, collectiveSeconds, collectiveTime } from "./collective/index.ts";
export type { Dispatcher, ExpertExchange } from "./expert/exchange.ts";
export { expertExchangeSeconds, expertExchangeTime, reachedParts } from "./expert/exchange.ts";
export { platformOf } from "./platform.ts";
