// A server of the Model Context Protocol in plain JSON-RPC over its standard streams, for tests:
//
//   node stdio-server.ts KIND [LOG]
//
// LOG receives a line of JSON for the start (environment, directory, ids) and for each message.
import { spawn } from "node:child_process";
import { appendFileSync } from "node:fs";
import { answerMcp } from "./mcp-answers.ts";
import type { McpKind, McpMessage } from "./mcp-answers.ts";

const [, , kind = "demo", logFile] = process.argv;
const log = (entry: object): void => {
  if (logFile !== undefined) appendFileSync(logFile, `${JSON.stringify(entry)}\n`);
};
const send = (message: object): void => {
  process.stdout.write(`${JSON.stringify({ jsonrpc: "2.0", ...message })}\n`);
};

log({ env: process.env, cwd: process.cwd(), pid: process.pid });
if (kind === "dies") {
  const given = Object.entries(process.env).filter(([name]) => name.startsWith("MCP_"));
  const said = [...given.map(([, value]) => value), ...process.argv.slice(3)];
  process.stderr.write(`cannot go on: ${said.join(" ")}\n`);
  process.exit(3);
}
if (kind === "stubborn") {
  process.on("SIGTERM", () => undefined);
  // A grandchild in a process group of its own, which nobody but a search by its environment would find.
  const child = spawn("sleep", ["1000"], { detached: true, stdio: "ignore" });
  log({ grandchild: child.pid });
  setInterval(() => undefined, 1000);
} else {
  process.stdin.on("end", () => process.exit(0));
}

let rest = "";
process.stdin.on("data", (chunk: Buffer) => {
  rest += chunk.toString("utf8");
  const lines = rest.split("\n");
  rest = lines.pop() ?? "";
  for (const line of lines) {
    const message = JSON.parse(line) as McpMessage;
    log(message);
    if (kind === "silent") continue;
    void answerMcp(kind as McpKind, message, {
      send,
      exit: () => process.exit(3),
    });
  }
});
