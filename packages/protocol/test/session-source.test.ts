import { expect, test } from "vitest";
import type { SessionSource } from "@codex-ts/protocol";
import {
  isNonRootAgent,
  parentThreadId,
  parseSessionSource,
  ProtocolError,
  readSessionSource,
  sessionSourceText,
  subagentHeaderValue,
  subagentKind,
  toWireSessionSource,
} from "@codex-ts/protocol";

const PARENT = "01a1fa2c-14fd-7b60-8176-1542090ff366";
const spawn = {
  parent_thread_id: PARENT,
  depth: 2,
  agent_path: "/root/a",
  agent_nickname: null,
  agent_role: "critic",
};

/** Source, display text, header value, kind. */
const ROWS: readonly [SessionSource, string, string | undefined, string | undefined][] = [
  ["cli", "cli", undefined, undefined],
  ["vscode", "vscode", undefined, undefined],
  ["exec", "exec", undefined, undefined],
  ["mcp", "mcp", undefined, undefined],
  ["unknown", "unknown", undefined, undefined],
  [{ custom: "atlas" }, "atlas", undefined, undefined],
  [
    { internal: "memory_consolidation" },
    "internal_memory_consolidation",
    "memory_consolidation",
    undefined,
  ],
  [{ subagent: "review" }, "subagent_review", "review", "review"],
  [{ subagent: "compact" }, "subagent_compact", "compact", "compact"],
  [
    { subagent: "memory_consolidation" },
    "subagent_memory_consolidation",
    "memory_consolidation",
    "memory_consolidation",
  ],
  [
    { subagent: { thread_spawn: spawn } },
    `subagent_thread_spawn_${PARENT}_d2`,
    "collab_spawn",
    "thread_spawn",
  ],
  [{ subagent: { other: "scout" } }, "subagent_scout", "scout", "scout"],
  [
    { subagent: { other: "thread_spawn" } },
    "subagent_thread_spawn",
    "thread_spawn",
    "thread_spawn",
  ],
];

test.each(ROWS)(
  "[protocol/P16] %j is shown as %s, sent as %s, of kind %s",
  (source, shown, header, kind) => {
    expect(readSessionSource(JSON.parse(JSON.stringify(source)))).toEqual(source);
    expect(JSON.stringify(toWireSessionSource(source))).toBe(JSON.stringify(source));
    expect(sessionSourceText(source)).toBe(shown);
    expect(subagentHeaderValue(source)).toBe(header);
    expect(subagentKind(source)).toBe(kind);
    expect(isNonRootAgent(source)).toBe(header !== undefined);
  },
);

test("[protocol/P16] an unknown text is the source `unknown`, another shape is none", () => {
  expect(readSessionSource("starship")).toBe("unknown");
  for (const value of [
    null,
    7,
    {},
    [],
    { custom: 7 },
    { starship: "x" },
    { custom: "a", internal: "memory_consolidation" },
    { internal: "daydream" },
    { subagent: "daydream" },
    { subagent: { thread_spawn: { depth: 1 } } },
  ]) {
    expect(readSessionSource(value)).toBeUndefined();
  }
});

test("only a spawned thread has a parent", () => {
  expect(ROWS.map(([source]) => parentThreadId(source)).filter(Boolean)).toEqual([PARENT]);
});

test("[protocol/P17] accepts the older name of the role, and fills missing members with null", () => {
  const received = {
    subagent: { thread_spawn: { parent_thread_id: PARENT, depth: 1, agent_type: "critic" } },
  };
  const source = readSessionSource(received);
  expect(source && JSON.stringify(toWireSessionSource(source))).toBe(
    `{"subagent":{"thread_spawn":{"parent_thread_id":"${PARENT}","depth":1,"agent_path":null,"agent_nickname":null,"agent_role":"critic"}}}`,
  );
});

test("[protocol/P17] the current name of the role wins over the older one", () => {
  const received = { subagent: { thread_spawn: { ...spawn, agent_type: "old", future: 1 } } };
  const source = readSessionSource(received);
  expect(source && toWireSessionSource(source)).toEqual({ subagent: { thread_spawn: spawn } });
});

test.each([
  ["cli", "cli"],
  ["  VSCode ", "vscode"],
  ["exec", "exec"],
  ["mcp", "mcp"],
  ["appserver", "mcp"],
  ["App-Server", "mcp"],
  ["app_server", "mcp"],
  ["Atlas", { custom: "atlas" }],
  ["constructor", { custom: "constructor" }],
])("[protocol/P18] the start-up argument %j means %j", (argument, source) => {
  expect(parseSessionSource(argument)).toEqual(source);
});

test.each(["", "  \t"])("[protocol/P18] the start-up argument %j is an error", (argument) => {
  expect(() => parseSessionSource(argument)).toThrow(ProtocolError);
});
