import { readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { McpStdioServer, TurnEvent } from "@codex-ts/core";
import { isJsonObject } from "@codex-ts/protocol";
import type { JsonObject } from "@codex-ts/protocol";
import {
  functionCallItem,
  itemDone,
  messageExchange,
  streamExchange,
} from "@codex-ts/responses-server";
import type { Exchange } from "@codex-ts/responses-server";
import type { Scene } from "../harness.ts";
import type { McpKind } from "./mcp-answers.ts";

const PROGRAM = fileURLToPath(new URL("stdio-server.ts", import.meta.url));

/**
 * Node flags with which programs of the tests are compiled once for all: compiling is most of their start, of which a
 * file of tests has dozens. Flags, because a variable would be passed on.
 */
export const COMPILED_ONCE = [
  "--no-warnings",
  "--import",
  `data:text/javascript,import{enableCompileCache}from"node:module";enableCompileCache(${JSON.stringify(join(tmpdir(), "codex-ts-test-compile-cache"))})`,
];

/** A server as a program of its own; `logFile` receives what it is told. */
export function stdioServer(
  kind: McpKind | "dies" | "silent",
  options: Partial<McpStdioServer> & {
    readonly logFile?: string;
    /** Further arguments. */
    readonly more?: readonly string[];
  } = {},
): McpStdioServer {
  const { logFile, more = [], ...settings } = options;
  const log = logFile === undefined ? [] : [logFile];
  const args = [...COMPILED_ONCE, PROGRAM, kind, ...log, ...more];
  return { command: process.execPath, args, startupTimeoutMs: 30_000, ...settings };
}

/** The lines of a log, parsed. */
export function readLog(file: string): JsonObject[] {
  return readFileSync(file, "utf8")
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as JsonObject);
}

/** One call of a tool of a server, as the model makes it. */
export interface McpCall {
  readonly name: string;
  readonly args?: object | string;
  /** Default `mcp__demo`. */
  readonly namespace?: string | undefined;
}

/** The model makes one call per response, then ends the turn. */
export function callingEach(calls: readonly McpCall[]): Exchange[] {
  return [
    ...calls.map((call, index) => streamExchange([callEvent(call, `call_${index + 1}`)])),
    messageExchange("Done."),
  ];
}

/** A text as arguments is sent as it is. */
export function callEvent(
  { name, args = {}, namespace = "mcp__demo" }: McpCall,
  callId: string,
): ReturnType<typeof itemDone> {
  const item = functionCallItem(name, typeof args === "string" ? {} : (args as JsonObject), callId);
  return itemDone({
    ...item,
    id: `fc_${callId}`,
    ...(typeof args === "string" && { arguments: args }),
    ...(namespace !== "" && { namespace }),
  });
}

/** The bodies of the requests, without warm-ups. */
export function bodies(scene: Scene): JsonObject[] {
  return scene.server.requests.flatMap(({ body }) =>
    isJsonObject(body) && body["generate"] !== false ? [body] : [],
  );
}

/** The outputs of calls, by their ids. */
export function outputs(scene: Scene): Record<string, unknown> {
  const input = (bodies(scene).at(-1)?.["input"] ?? []) as JsonObject[];
  return Object.fromEntries(
    input
      .filter((item) => item["type"] === "function_call_output")
      .map((item) => [item["call_id"] as string, item["output"]]),
  );
}

/** The tools of the first request. */
export function offered(scene: Scene): JsonObject[] {
  return (bodies(scene)[0]?.["tools"] ?? []) as JsonObject[];
}

export const mcpItems = (events: readonly TurnEvent[]): unknown[] =>
  events.flatMap((event) =>
    (event.type === "itemStarted" || event.type === "itemCompleted") &&
    event.item.type === "mcp_tool_call"
      ? [{ event: event.type, ...event.item }]
      : [],
  );
