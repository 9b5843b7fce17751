/** This process's terminal: streams, colours and width. */

import colours from "picocolors";
import { nodeHost } from "../host/node/host.ts";
import type { Terminal } from "./cli.ts";
import { plainView, type View } from "./view.ts";

/** Standard streams of this process. Colours and the real width only where a person looks. */
export function processTerminal(): Terminal {
  for (const stream of [process.stdout, process.stderr]) {
    // A reader that closes early (head) is not our fault.
    stream.on("error", (error: NodeJS.ErrnoException) => {
      if (error.code !== "EPIPE") throw error;
    });
  }
  const error = (text: string): void => {
    process.stderr.write(text);
  };
  let stopping = false;
  const stop = (): void => {
    stopping = true;
    error("stopping after the work under way, which is kept; once more ends at once\n");
  };
  let listens = false;
  // A second signal finds no listener, and ends the process.
  const listenOnce = (): void => {
    if (!listens) process.once("SIGINT", stop).once("SIGTERM", stop);
    listens = true;
  };
  return {
    host: nodeHost({
      folder: process.cwd(),
      readStandardInput,
      message: (text) => error(`${text}\n`),
      cancelled: () => stopping,
      interruptible: listenOnce,
    }),
    out: (text) => {
      process.stdout.write(text);
    },
    error,
    view: viewOf(process.stdout),
    errorView: viewOf(process.stderr),
  };
}

async function readStandardInput(): Promise<Uint8Array> {
  const parts: Buffer[] = [];
  for await (const part of process.stdin) parts.push(part as Buffer);
  return Buffer.concat(parts);
}

function viewOf(stream: NodeJS.WriteStream): View {
  if (!stream.isTTY) return plainView;
  const width = Math.max(60, Math.min(140, stream.columns ?? plainView.width));
  const { bold, dim, green, yellow, red } = colours.createColors(colours.isColorSupported);
  return { width, bold, dim, good: green, warn: yellow, bad: red };
}
