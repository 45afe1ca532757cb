import { join } from "node:path";
import type { CodexThread, ThreadOptions, TurnOptions } from "@codex-ts/core";
import type { Compatibility } from "@codex-ts/protocol";
import { RECORDINGS } from "./recorded-scenario.ts";
import type { RecordedInterrupt } from "./recorded-script.ts";

/** What a recording is about. */
export type ScenarioGroup =
  | "turns"
  | "commands"
  | "failures"
  | "compaction"
  | "login"
  | "interrupts"
  | "userActions"
  | "agents"
  | "webSocket";

/** Recordings that hold times of a tenth of a second: one play in time is enough, a busy machine misses some. */
export const ATTEMPTS: Readonly<Record<string, number>> = {
  "code-mode-yield-wait": 5,
  "terminal-write-stdin": 5,
};

/** Recordings a thread of ours plays with the same requests, by what they are about. */
export const THREAD_SCENARIOS: Readonly<Record<ScenarioGroup, readonly string[]>> = {
  turns: [
    "bad-sse-events",
    "bad-sse-events-light",
    "body-options",
    "empty-response",
    "end-turn-false",
    "exec-resume",
    "exotic-items",
    "image-generation-item",
    "multi-delta-reasoning",
    "multi-turn",
    "plain-message",
    "rate-limit-headers",
    "several-output-items",
    "turn-state-http",
    "user-image-input",
    "web-search-item",
  ],
  commands: [
    "apply-patch-failure",
    "apply-patch-success",
    "code-mode-basic",
    "code-mode-yield-wait",
    "exec-command",
    "exec-failing",
    "large-output",
    "malformed-args",
    "malformed-args-light",
    "mcp-call",
    "parallel-two",
    "shell-command-tool",
    "terminal-write-stdin",
    "unknown-tool",
    "update-plan",
    "view-image",
  ],
  failures: [
    "http-400",
    "http-401",
    "http-500-once",
    "request-id-on-failure",
    "response-failed-generic",
    "response-failed-kinds",
    "response-failed-rate-limit",
    "stream-closed-retry",
  ],
  compaction: [
    "chatgpt-auth-ws",
    "chatgpt-compact-v1",
    "compact-local-failed",
    "compact-local-manual",
    "compact-remote-v1",
    "compact-remote-v1-failed",
    "compact-remote-v2",
  ],
  login: ["chatgpt-auth-http"],
  interrupts: [
    "interrupt-before-created",
    "interrupt-mid-stream",
    "request-id-absent",
    "sigint-exec",
    "sigkill-mid-stream",
    "steer-mid-turn",
  ],
  userActions: ["review", "rollback", "shell-command-user"],
  agents: ["agents-child-fails", "agents-close-running", "agents-spawn-wait", "agents-v1"],
  webSocket: ["ws-basic", "ws-exec", "ws-fallback-426", "ws-interrupt", "ws-no-prewarm"],
};

/** Recordings with requests beyond ordinary turns, by what they add; a model client plays all recordings. */
export const CLIENT_SCENARIOS: Readonly<
  Record<"subAgents" | "compaction" | "webSocket", readonly string[]>
> = {
  subAgents: [
    "agents-child-fails",
    "agents-close-running",
    "agents-spawn-wait",
    "agents-v1",
    "review",
  ],
  compaction: [
    "chatgpt-compact-v1",
    "compact-local-failed",
    "compact-local-manual",
    "compact-remote-v1",
    "compact-remote-v1-failed",
    "compact-remote-v2",
  ],
  webSocket: [
    "chatgpt-auth-ws",
    "ws-basic",
    "ws-exec",
    "ws-fallback-426",
    "ws-interrupt",
    "ws-no-prewarm",
  ],
};

/** Where a person or a signal stopped a recorded turn; the recordings do not say it themselves. */
export const INTERRUPTS: Readonly<Record<string, RecordedInterrupt>> = {
  "interrupt-before-created": { turn: 0, eventsLeft: 2, itemsBefore: 0 },
  "interrupt-mid-stream": { turn: 0, eventsLeft: 2, itemsBefore: 2 },
  "request-id-absent": { turn: 2, eventsLeft: 1, itemsBefore: 1 },
  "request-id-on-failure": { turn: 3, eventsLeft: 1, itemsBefore: 1 },
  "sigint-exec": { turn: 0, eventsLeft: 0, itemsBefore: 1 },
  "sigkill-mid-stream": { turn: 0, eventsLeft: 0, itemsBefore: 2, isKill: true },
  "steer-mid-turn": { turn: 0, eventsLeft: 2, itemsBefore: 0, steer: "do B instead" },
  "ws-interrupt": { turn: 0, eventsLeft: 1, itemsBefore: 1 },
};

/** What a driver did besides before a turn, by its place; the requests show no more than what came of it. */
export const ACTIONS_BEFORE: Readonly<
  Record<string, { readonly turn: number; readonly act: (thread: CodexThread) => unknown }>
> = {
  review: {
    turn: 1,
    act: (thread) =>
      thread.review({ type: "custom", instructions: "REVIEW: look at nothing." }).result(),
  },
  rollback: { turn: 2, act: (thread) => thread.rollBack(1) },
  "shell-command-user": {
    turn: 1,
    act: (thread) => thread.runShellCommand("echo from-user").result(),
  },
};

/** Before which action a second process went on with the thread. */
export const RESUMED_BEFORE: Readonly<Record<string, number>> = { "exec-resume": 1 };

/** The server of the recordings; a program without dependencies. */
const MCP_SERVER = join(RECORDINGS, "recorder/mcp-server.mjs");

/** One white dot. */
const DOT = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==",
  "base64",
);

const PATCHED_FILES = { "old.txt": "alpha\nbeta\ngamma\n" };

/** What the driver of a recording set, for its thread and for each turn; elsewhere the defaults are compared. */
export const SETTINGS: Readonly<Record<string, RecordedSettings>> = {
  "apply-patch-failure": { files: PATCHED_FILES },
  "apply-patch-success": { files: PATCHED_FILES },
  "view-image": { files: { "dot.png": DOT } },
  "body-options": {
    thread: { developerInstructions: "Developer note." },
    // An effort stays until another is chosen; ours are told with every turn.
    turns: [
      { reasoningEffort: "low", reasoningSummary: "detailed", serviceTier: "priority" },
      { reasoningEffort: "low", reasoningSummary: "none" },
      { reasoningEffort: "low", reasoningSummary: "none" },
    ],
  },
  "mcp-call": {
    thread: {
      mcpServers: { demo: { command: process.execPath, args: [MCP_SERVER], required: true } },
    },
  },
  "web-search-item": { thread: { webSearch: "live" } },
  "shell-command-tool": { thread: { unifiedExec: false } },
  "code-mode-basic": { thread: { codeMode: "with_tools" } },
  "code-mode-yield-wait": { thread: { codeMode: "with_tools" } },
};

interface RecordedSettings {
  /** Files of the working directory, by relative path. */
  readonly thread?: Pick<
    ThreadOptions,
    "codeMode" | "developerInstructions" | "mcpServers" | "unifiedExec" | "webSearch"
  >;
  readonly files?: Readonly<Record<string, string | Uint8Array>>;
  readonly turns?: readonly Pick<
    TurnOptions,
    "reasoningEffort" | "reasoningSummary" | "serviceTier"
  >[];
}

/** Recordings a thread of ours cannot play yet, and why. Their requests are compared one by one all the same. */
export const THREAD_GAPS: Readonly<Record<string, string>> = {
  "approval-declined": "nobody can be asked for an approval",
  "models-list": "threads do not ask for the list of models",
};

/** Further recordings of one generation that cannot be played, and why. */
export const LATER_GAPS: Readonly<Record<Compatibility, Readonly<Record<string, string>>>> = {
  "0.171": { rollback: "a revert goes on with the thread anew, which the replay does not" },
  "0.140": {
    "image-generation-item": "recordings are played without a home that images could be kept in",
    "view-image":
      "no reducer of schema 1 takes an image that is sent a second time, that of 0.140 included",
  },
};
