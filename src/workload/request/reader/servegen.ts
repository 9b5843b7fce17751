/**
 * ServeGen's client populations: a rate and a law of gaps for each client and window of ten minutes, and the lengths of
 * its requests. Draws the requests of a part of the recording.
 *
 * Each client is a renewal process along the integral of its rate; where a gap reaches into the next window, it goes on
 * there. It has run for a while when the part begins. The fitted shape gives the law; the fitted scale is not used,
 * for the rate says the mean. A client whose lengths the recording leaves out takes those of one that has them, chosen
 * once by their rates. Ignores: ties between prompt and output lengths, which the recording does not keep; content.
 * @source servegen-2025
 */

import { exp } from "../../../base/math.ts";
import type { PerSecond, Seconds } from "../../../base/quantity.ts";
import { type Random, type RandomStream, random } from "../../../base/random.ts";
import { logGamma, weibull } from "../arrival.ts";
import { weightedChoice } from "../length.ts";
import type { ReadOptions, RequestFormat, TraceFile } from "./format.ts";
import type { Intake } from "./intake.ts";
import { columnsOf, csvFields, eachLine, numberOf } from "./lines.ts";
import { readLengths, type WindowLengths } from "./servegen-lengths.ts";

const windowLength: Seconds = 600;
const columns = ["client", "window_start_s", "rate_req_per_s", "pattern", "shape"];

export const servegen: RequestFormat = {
  name: "servegen",
  summary: "ServeGen's clients: a CSV of rates and gap laws, JSON lines of length distributions; requests are drawn",
  times: "law",
  detect: (beginning) => beginning.startsWith("client,window_start_s,rate_req_per_s") || isLengths(beginning),
  read: (files, intake, options) => {
    const rates = files.find((file) => !isLengths(beginningOf(file)));
    const lengths = files.find((file) => isLengths(beginningOf(file)));
    if (rates === undefined || lengths === undefined) {
      intake.fail("expected two files: rates (CSV) and lengths (JSON lines) of one model");
      return;
    }
    const clients = readRates(rates, intake, options);
    const known = readLengths(lengths, intake);
    if (clients.length === 0 || known.size === 0) {
      intake.fail(clients.length === 0 ? "no client has traffic in the window" : "no client's lengths are known");
      return;
    }
    draw(clients, known, intake, options);
  },
};

function isLengths(beginning: string): boolean {
  return beginning.startsWith('{"client"');
}

function beginningOf({ text }: TraceFile): string {
  if (typeof text === "string") return text.slice(0, 64);
  for (const piece of text) return piece.slice(0, 64);
  return "";
}

interface Window {
  readonly start: Seconds;
  readonly rate: PerSecond;
  readonly law: "gamma" | "weibull";
  readonly shape: number;
}

interface Client {
  readonly client: number;
  readonly windows: readonly Window[];
}

/** Windows with traffic that touch the part that is asked for, by client, in order of time. */
function readRates(file: TraceFile, intake: Intake, options: ReadOptions): readonly Client[] {
  const { start, duration } = options.window;
  const clients = new Map<number, Window[]>();
  let places: readonly number[] | undefined;
  eachLine(file.text, (line, number) => {
    intake.at(file.name, number);
    if (places === undefined) {
      places = columnsOf(line, columns);
      if (places.includes(-1)) intake.fail(`expected columns ${columns.join(", ")}`);
      return places.includes(-1) ? "stop" : undefined;
    }
    const fields = csvFields(line);
    const [client, from, rate, pattern, shape] = places.map((place) => fields[place]);
    const window = { start: numberOf(from), rate: numberOf(rate), law: pattern?.toLowerCase(), shape: numberOf(shape) };
    if (numberOf(client) === undefined || !isWindow(window)) {
      intake.reject("expected client, window, a rate of 0 or more, Gamma or Weibull, and a positive shape");
      return undefined;
    }
    if (window.start + windowLength <= start || window.start >= start + duration || window.rate === 0) return undefined;
    const windows = clients.get(Number(client)) ?? [];
    windows.push(window);
    clients.set(Number(client), windows);
    return undefined;
  });
  return [...clients].map(([client, windows]) => ({ client, windows: windows.sort((a, b) => a.start - b.start) }));
}

function isWindow(window: Readonly<Record<keyof Window, unknown>>): window is Window {
  const { start, rate, law, shape } = window;
  const numbers = typeof start === "number" && typeof rate === "number" && typeof shape === "number";
  return numbers && rate >= 0 && shape > 0 && (law === "gamma" || law === "weibull");
}

function draw(
  clients: readonly Client[],
  known: ReadonlyMap<number, WindowLengths>,
  intake: Intake,
  options: ReadOptions,
): void {
  const { rate, window, seed } = options;
  const streams = random(seed);
  const end = Math.min(window.start + window.duration, lastEnd(clients));
  const mean = volume(clients, window.start, end) / (end - window.start);
  const factor = rate.kind === "as-recorded" ? 1 : rate.kind === "factor" ? rate.factor : rate.rate / mean;
  const lengths = lengthsOfClients(clients, known, streams);
  const sources = clients.map((client) => new ClientArrivals(client, factor, options.window.start, streams));
  const next = Float64Array.from(sources, (source) => source.next());
  while (!intake.full) {
    let first = 0;
    for (let at = 1; at < next.length; at++) if ((next[at] as number) < (next[first] as number)) first = at;
    const time = next[first] as number;
    if (!(time < end)) return;
    const { input, output } = (lengths[first] as DrawLengths)(time);
    intake.add({ release: time - window.start, input, output });
    next[first] = (sources[first] as ClientArrivals).next();
  }
}

type DrawLengths = (time: Seconds) => { readonly input: number; readonly output: number };

/** Requests that the clients' rates promise between two times. */
function volume(clients: readonly Client[], start: Seconds, end: Seconds): number {
  let total = 0;
  for (const { windows } of clients) {
    for (const { start: from, rate } of windows) {
      total += rate * Math.max(0, Math.min(from + windowLength, end) - Math.max(from, start));
    }
  }
  return total;
}

function lastEnd(clients: readonly Client[]): Seconds {
  return Math.max(...clients.map(({ windows }) => (windows[windows.length - 1] as Window).start + windowLength));
}

function lengthsOfClients(
  clients: readonly Client[],
  known: ReadonlyMap<number, WindowLengths>,
  streams: Random,
): readonly DrawLengths[] {
  const donors = [...known.keys()];
  const rateOf = new Map(clients.map((client) => [client.client, volume([client], 0, Number.POSITIVE_INFINITY)]));
  const rates = donors.map((donor) => rateOf.get(donor) ?? 0);
  const choose = weightedChoice(rates.some((rate) => rate > 0) ? rates : donors.map(() => 1));
  return clients.map(({ client }) => {
    const own = known.get(client);
    const donor =
      own ?? (known.get(donors[choose(streams.stream(`servegen/donor/${client}`))] as number) as WindowLengths);
    const stream = streams.stream(`servegen/lengths/${client}`);
    return (time) => donor.draw(time, stream);
  });
}

/** Arrivals of one client, in order; Infinity when its windows are over. */
class ClientArrivals {
  private readonly windows: readonly Window[];
  private readonly stream: RandomStream;
  private readonly factor: number;
  private at = 0;
  private time: Seconds;
  /** What is left of the gap, in means. */
  private left: number;
  private scales = new Float64Array(0);

  constructor({ client, windows }: Client, factor: number, start: Seconds, streams: Random) {
    this.windows = windows;
    this.factor = factor;
    this.stream = streams.stream(`servegen/arrivals/${client}`);
    this.time = Math.max(start, windows[0]?.start ?? 0);
    // Weibull gaps of mean 1 have scale 1 / G(1 + 1 / shape).
    this.scales = Float64Array.from(windows, ({ shape }) => exp(-logGamma(1 + 1 / shape)));
    this.left = this.runIn();
  }

  next(): Seconds {
    for (;;) {
      const window = this.windows[this.at];
      if (window === undefined) return Number.POSITIVE_INFINITY;
      const from = Math.max(this.time, window.start);
      const rate = window.rate * this.factor;
      const end = window.start + windowLength;
      const arrival = from + this.left / rate;
      if (arrival < end) {
        this.time = arrival;
        this.left = this.gap();
        return arrival;
      }
      this.left -= Math.max(0, end - from) * rate;
      this.time = end;
      this.at += 1;
    }
  }

  /** The part of a gap that is left where an observer comes upon the process, found by letting it run. */
  private runIn(): number {
    const window = this.windows[0];
    if (window === undefined) return 0;
    const variation = window.law === "gamma" ? 1 / window.shape : this.weibullVariation(window.shape);
    let position = -runInGaps * (1 + Math.min(variation, variationMost));
    while (position <= 0) position += this.gap();
    return position;
  }

  private weibullVariation(shape: number): number {
    return exp(logGamma(1 + 2 / shape) - 2 * logGamma(1 + 1 / shape)) - 1;
  }

  private gap(): number {
    const { law, shape } = this.windows[this.at] as Window;
    if (law === "gamma") return this.stream.gamma(shape, 1 / shape);
    return weibull(this.stream, shape, this.scales[this.at] as number);
  }
}

/** So many mean gaps, times one and the squared variation, let a process forget its start; the time spent is bounded. */
const runInGaps = 10;
const variationMost = 1000;
