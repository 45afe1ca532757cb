#!/usr/bin/env node
import { unsupportedNodeMessage } from "./node-version.ts";

// Nothing else may be imported here: an older Node must be able to load this file and say what is wrong.
const problem = unsupportedNodeMessage(process.versions.node);
if (problem === undefined) {
  const { start } = await import("./start.ts");
  await start();
} else {
  process.stderr.write(`error: ${problem}\n`);
  process.exitCode = 1;
}
