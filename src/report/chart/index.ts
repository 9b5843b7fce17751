/** Charts as values, and their drawing. To add one: a file, a member and a case here. */

import { drawPareto, type ParetoChart } from "./pareto.ts";
import { drawPercentiles, type PercentileChart } from "./percentiles.ts";
import { drawScaling, type Scaling } from "./scaling.ts";
import { drawStacked, type StackedBars } from "./stacked.ts";
import { drawTimeline, type TimelineChart } from "./timeline.ts";
import { drawTopology, type TopologySketch } from "./topology.ts";
import { drawTornado, type Tornado } from "./tornado.ts";

export type { ParetoChart } from "./pareto.ts";
export type { PercentileChart } from "./percentiles.ts";
export type { TimelineChart } from "./timeline.ts";
export type { TopologySketch } from "./topology.ts";

export type Chart = StackedBars | Tornado | Scaling | ParetoChart | TimelineChart | PercentileChart | TopologySketch;

/** A chart as one SVG element. */
export function draw(chart: Chart, title: string): string {
  switch (chart.type) {
    case "stacked":
      return drawStacked(chart, title);
    case "tornado":
      return drawTornado(chart, title);
    case "scaling":
      return drawScaling(chart, title);
    case "pareto":
      return drawPareto(chart, title);
    case "timeline":
      return drawTimeline(chart, title);
    case "percentiles":
      return drawPercentiles(chart, title);
    case "topology":
      return drawTopology(chart, title);
  }
}
