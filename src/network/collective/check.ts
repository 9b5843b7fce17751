/** What is wrong with a question, in words for the person who asked; all of it at once. */
import type { Problem } from "../../base/problem.ts";
import { suggestion } from "../../base/suggestion.ts";
import type { CollectiveRequest, Platform } from "./collective.ts";
import { customCurves } from "./custom.ts";
import { algorithms, algorithmsFor } from "./index.ts";
import type { Protocol } from "./protocol.ts";
import { type Span, spanOf } from "./span.ts";

const protocols: readonly Protocol[] = ["ll", "ll128", "simple"];

/** Paths are those of the request: `algorithm`, `protocol`, `channels`, `library`, `size`. */
export function requestProblems(platform: Platform, request: CollectiveRequest): readonly Problem[] {
  const { size, channels, protocol, group } = request;
  const problems: Problem[] = [];
  const written = protocol ?? request.algorithm?.split("/")[1];
  if (!(size >= 0 && Number.isFinite(size))) {
    problems.push({ path: "size", message: `${size} is no size`, hint: "bytes, zero or more" });
  }
  if (written !== undefined && !protocols.some((known) => known === written)) {
    problems.push({
      path: "protocol",
      message: `unknown protocol "${written}"`,
      hint: `known: ${protocols.join(", ")}`,
    });
  }
  if (channels !== undefined && !(Number.isInteger(channels) && channels > 0)) {
    problems.push({ path: "channels", message: `${channels} channels cannot run`, hint: "a whole number from 1" });
  }
  if (problems.length > 0 || group.size <= 1) return problems;
  const span = spanOf(platform, group);
  return isCustom(request) ? customProblems(request, span) : algorithmProblems(platform, request);
}

function isCustom({ library }: CollectiveRequest): boolean {
  return library !== undefined && library !== "nccl";
}

function customProblems(request: CollectiveRequest, span: Span): readonly Problem[] {
  const { library = "custom", operation } = request;
  const forced = (["algorithm", "protocol", "channels"] as const).filter((key) => request[key] !== undefined);
  const problems: Problem[] = forced.map((path) => ({
    path,
    message: `kernels of ${library} take no ${path}`,
    hint: "leave it out, or use the collective library (nccl)",
  }));
  if (operation !== "all-reduce") {
    problems.push({
      path: "library",
      message: `${library} has no ${operation}`,
      hint: "it replaces small all-reduces",
    });
  } else if (span.domains > 1) {
    const hint = "use it for groups inside one domain";
    problems.push({ path: "library", message: `${library} kernels do not leave the scale-up domain`, hint });
  } else if (customCurves(library, span).length === 0) {
    const known = span.tuning.custom.map((own) => `custom/${own.library}`).join(", ");
    const hint = known === "" ? "use the collective library (nccl)" : `measured here: ${known}`;
    problems.push({ path: "library", message: `${library} was not measured on this platform`, hint });
  }
  return problems;
}

function algorithmProblems(platform: Platform, request: CollectiveRequest): readonly Problem[] {
  const { algorithm: forced, protocol, channels, operation } = request;
  const able = algorithmsFor(platform, request);
  const name = forced?.split("/")[0];
  const known = algorithms.map((algorithm) => algorithm.name);
  if (name !== undefined && !known.includes(name)) {
    const near = suggestion(name, known);
    const hint = near === undefined ? `possible here: ${able.join(", ")}` : `did you mean "${near}"?`;
    return [{ path: "algorithm", message: `unknown algorithm "${forced}"`, hint }];
  }
  if (channels !== undefined && able.length === 0) {
    const hint = "channels are known of rings, trees and in-switch reduction over NVLink switches";
    return [{ path: "channels", message: `channels of ${operation} are not modelled on this platform`, hint }];
  }
  if (name !== undefined && !able.includes(name)) {
    const hint = `possible here: ${able.join(", ")}`;
    return [{ path: "algorithm", message: `${name} cannot run ${operation} on this group`, hint }];
  }
  const wanted = protocol ?? forced?.split("/")[1];
  const open = algorithms.filter((algorithm) =>
    name === undefined ? able.includes(algorithm.name) : algorithm.name === name,
  );
  const speaks = open.flatMap((algorithm) => algorithm.protocols);
  const clash = protocol !== undefined && forced?.includes("/") === true && !forced.endsWith(`/${protocol}`);
  if (wanted !== undefined && (clash || !speaks.some((own) => own === wanted))) {
    const hint = `known there: ${[...new Set(speaks)].join(", ")}`;
    return [{ path: "protocol", message: `${forced ?? operation} does not run over ${wanted}`, hint }];
  }
  return [];
}
