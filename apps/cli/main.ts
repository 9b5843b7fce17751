#!/usr/bin/env node
/** The `windtunnel` command on this machine's terminal. */

import { runCli } from "./cli.ts";
import { processTerminal } from "./terminal.ts";

// `npm run windtunnel` comes here in the package's folder; paths are those of the folder it was typed in.
const { INIT_CWD: typedIn, npm_lifecycle_event: script } = process.env;
if (script === "windtunnel" && typedIn !== undefined) process.chdir(typedIn);

process.exitCode = await runCli(process.argv.slice(2), processTerminal());
