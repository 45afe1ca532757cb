import { describe, expect, test } from "vitest";
import type { SessionSource } from "@codex-ts/protocol";
import {
  compactRequestHeaders,
  compatibilityProfile,
  createResponsesMetadata,
  flatClientMetadata,
  httpRequestHeaders,
  isReservedMetadataKey,
  turnMetadataBlob,
  webSocketClientMetadata,
  webSocketHandshakeHeaders,
} from "@codex-ts/core";
import type {
  CompactionDetails,
  CompactionKind,
  RequestKind,
  ResponsesMetadataInit,
} from "@codex-ts/core";

const installationId = "11111111-1111-4111-8111-111111111111";
const threadId = "01a1fa2c-14fd-7b60-8176-1542090ff366";
const parent = "01a1fa2c-14fd-7b60-8176-000000000001";

const spawned: SessionSource = {
  subagent: {
    thread_spawn: {
      parent_thread_id: parent,
      depth: 2,
      agent_path: null,
      agent_nickname: null,
      agent_role: null,
    },
  },
};

const full: ResponsesMetadataInit = {
  compatibility: "0.140",
  installationId,
  sessionId: parent,
  threadId,
  turnId: "turn-123",
  windowId: `${threadId}:1`,
  requestKind: { type: "turn" },
  forkedFromThreadId: "01a1fa2c-14fd-7b60-8176-000000000002",
  sessionSource: spawned,
  threadSource: "subagent",
  sandbox: "none",
  workspaces: [["/w", { associatedRemoteUrls: [["origin", "u"]], hasChanges: false }]],
  turnStartedAtUnixMs: 1_795_198_555_393,
  extra: { workspace_kind: "x", "9": "nine" },
};

const compaction = (
  implementation: CompactionDetails["implementation"],
  phase: CompactionDetails["phase"] = "standalone_turn",
): CompactionKind => ({
  type: "compaction",
  details: {
    trigger: phase === "standalone_turn" ? "manual" : "auto",
    reason: phase === "standalone_turn" ? "user_requested" : "context_limit",
    implementation,
    phase,
    strategy: "memento",
  },
});

const kinds: readonly (readonly [name: string, kind: RequestKind | undefined])[] = [
  ["turn", { type: "turn" }],
  ["prewarm", { type: "prewarm" }],
  ["local compaction", compaction("responses", "mid_turn")],
  ["remote compaction v1", compaction("responses_compact")],
  ["remote compaction v2", compaction("responses_compaction_v2", "pre_turn")],
  ["memory", { type: "memory" }],
  ["preconnect", undefined],
];

const transports = {
  "http headers": (metadata: Metadata) => headerFacts(httpRequestHeaders(metadata)),
  "http body": (metadata: Metadata) => flatFacts(flatClientMetadata(metadata)),
  "websocket handshake": (metadata: Metadata) => headerFacts(webSocketHandshakeHeaders(metadata)),
  "websocket payload": (metadata: Metadata) =>
    flatFacts(webSocketClientMetadata(metadata, { startUnixMs: 5 })),
  "compact headers": (metadata: Metadata) => headerFacts(compactRequestHeaders(metadata)),
  blob: (metadata: Metadata) => blobFacts(turnMetadataBlob(metadata)),
};

type Metadata = ReturnType<typeof createResponsesMetadata>;
type Facts = Record<string, unknown>;

/** One name per fact, whatever a carrier calls it. */
const headerNames: Record<string, string> = {
  "x-codex-installation-id": "installation",
  "session-id": "session",
  session_id: "session",
  "thread-id": "thread",
  "x-client-request-id": "thread",
  thread_id: "thread",
  turn_id: "turn",
  "x-codex-window-id": "window",
  "x-codex-parent-thread-id": "parent",
  "x-openai-subagent": "label",
};

function flatFacts(flat: Readonly<Record<string, string>>): Facts {
  const facts: Facts = {};
  for (const [key, value] of Object.entries(flat)) {
    if (key === "x-codex-turn-metadata") merge(facts, { ...blobFacts(value), blobText: value });
    else if (headerNames[key]) merge(facts, { [headerNames[key]]: value });
  }
  return facts;
}

const headerFacts = (headers: Iterable<readonly [string, string]>): Facts => {
  const facts: Facts = {};
  for (const [name, value] of headers) merge(facts, flatFacts({ [name]: value }));
  return facts;
};

function blobFacts(text: string): Facts {
  const blob = JSON.parse(text) as Facts;
  const names: Record<string, string> = {
    installation_id: "installation",
    session_id: "session",
    thread_id: "thread",
    turn_id: "turn",
    window_id: "window",
    parent_thread_id: "parent",
  };
  return Object.fromEntries(
    Object.entries(blob).map(([key, value]) => [names[key] ?? `blob.${key}`, value]),
  );
}

/** Two carriers inside one projection may repeat a fact, never change it. */
function merge(into: Facts, more: Facts): void {
  for (const [name, value] of Object.entries(more)) {
    expect(into[name] ?? value, name).toEqual(value);
    into[name] = value;
  }
}

describe("one snapshot", () => {
  for (const [name, requestKind] of kinds) {
    test(`[core/S1-0] of kind ${name} says the same through every carrier`, () => {
      const turnId = { turn: "turn-123", prewarm: "" }[name] ?? "turn-123";
      const metadata = createResponsesMetadata({ ...full, turnId, requestKind });
      const all: Facts = {};
      for (const project of Object.values(transports)) merge(all, project(metadata));
      expect(all).not.toEqual({});
    });
  }

  test("[core/S1-1] gives a turn one blob, the same in header and body, with its keys in the fixed order", () => {
    const metadata = createResponsesMetadata(full);
    const header = new Map(httpRequestHeaders(metadata)).get("x-codex-turn-metadata");
    expect(header).toBe(flatClientMetadata(metadata)["x-codex-turn-metadata"]);
    expect(header).toBe(
      `{"installation_id":"${installationId}","session_id":"${parent}","thread_id":"${threadId}",` +
        `"turn_id":"turn-123","window_id":"${threadId}:1","request_kind":"turn",` +
        `"forked_from_thread_id":"01a1fa2c-14fd-7b60-8176-000000000002","parent_thread_id":"${parent}",` +
        `"subagent_kind":"thread_spawn","thread_source":"subagent","sandbox":"none",` +
        `"workspaces":{"/w":{"associated_remote_urls":{"origin":"u"},"has_changes":false}},` +
        `"turn_started_at_unix_ms":1795198555393,"9":"nine","workspace_kind":"x"}`,
    );
  });

  test("[core/S1-2] keeps the empty turn id of a prewarm in handshake and payload", () => {
    const metadata = createResponsesMetadata({
      ...full,
      turnId: "",
      requestKind: { type: "prewarm" },
    });
    const handshake = new Map(webSocketHandshakeHeaders(metadata)).get("x-codex-turn-metadata");
    const payload = webSocketClientMetadata(metadata, { startUnixMs: 5 });
    expect(payload["x-codex-turn-metadata"]).toBe(handshake);
    expect(payload["turn_id"]).toBe("");
    expect(JSON.parse(handshake ?? "")).toMatchObject({ turn_id: "", request_kind: "prewarm" });
  });

  test("[core/S1-3] a connection without a request gets lineage headers and no invented blob", () => {
    const metadata = createResponsesMetadata({
      ...full,
      turnId: undefined,
      requestKind: undefined,
    });
    expect(webSocketHandshakeHeaders(metadata)).toEqual([
      ["openai-beta", "responses_websockets=2026-02-06"],
      ["x-client-request-id", threadId],
      ["session-id", parent],
      ["thread-id", threadId],
      ["x-codex-window-id", `${threadId}:1`],
      ["x-codex-parent-thread-id", parent],
      ["x-openai-subagent", "collab_spawn"],
    ]);
    expect(flatClientMetadata(metadata)).not.toHaveProperty("x-codex-turn-metadata");
  });

  test("[core/S1-4] names the kind of every compaction through the same path", () => {
    for (const [name, requestKind] of kinds.filter(([, kind]) => kind?.type === "compaction")) {
      const blob = JSON.parse(turnMetadataBlob(createResponsesMetadata({ ...full, requestKind })));
      const details = requestKind?.type === "compaction" ? requestKind.details : undefined;
      expect(blob, name).toMatchObject({ request_kind: "compaction", compaction: details });
      expect(Object.keys(blob.compaction)).toEqual([
        "trigger",
        "reason",
        "implementation",
        "phase",
        "strategy",
      ]);
    }
    expect(turnMetadataBlob(createResponsesMetadata(full))).not.toContain("compaction");
  });

  test("[core/S1-5] gives remote compaction v1 the installation id and the blob as headers", () => {
    const metadata = createResponsesMetadata({
      ...full,
      sessionSource: "cli",
      requestKind: compaction("responses_compact"),
    });
    expect(
      compactRequestHeaders(metadata, { betaFeatures: ["a", "b"] }).map(([name]) => name),
    ).toEqual([
      "x-codex-installation-id",
      "x-codex-beta-features",
      "x-codex-window-id",
      "x-codex-turn-metadata",
      "session-id",
      "thread-id",
    ]);
  });

  test("[core/S1-6] carries forks, spawned and review threads in blob and headers", () => {
    const review = createResponsesMetadata({
      threadId,
      sessionId: parent,
      parentThreadId: parent,
      requestKind: { type: "turn" },
      sessionSource: { subagent: "review" },
    });
    expect(headerFacts(httpRequestHeaders(review))).toMatchObject({
      session: parent,
      thread: threadId,
      parent,
      label: "review",
      "blob.subagent_kind": "review",
    });
    const spawn = headerFacts(httpRequestHeaders(createResponsesMetadata(full)));
    expect(spawn).toMatchObject({
      parent,
      label: "collab_spawn",
      "blob.subagent_kind": "thread_spawn",
    });
    expect(spawn["blob.forked_from_thread_id"]).toBe(full.forkedFromThreadId);
  });

  test("[core/S1-7] extras enrich the blob and override nothing", () => {
    const owned = Object.keys(JSON.parse(turnMetadataBlob(createResponsesMetadata(full)))).filter(
      (key) => !(key in (full.extra ?? {})),
    );
    const reserved = [
      ...owned,
      // Owned by today's Codex; reserved under every setting.
      "agent_name",
      "window_number",
      "context_window_id",
      "history_initialization",
      "root_turn_id",
      "parent_turn_id",
      "turn_trigger",
      "sandbox_mode",
      "auto_review_enabled",
      "node_repl_auto_review_required",
      "node_repl_disabled",
      "analytics_enabled",
      "model",
      "reasoning_effort",
      "forked_from_ordinal_exclusive",
      "compaction",
      "x-codex-installation-id",
      "x-codex-window-id",
      "x-codex-turn-metadata",
      "x-codex-parent-thread-id",
      "x-openai-subagent",
    ];
    for (const key of reserved) expect(isReservedMetadataKey(key), key).toBe(true);
    const spoof = Object.fromEntries(reserved.map((key) => [key, "spoofed"]));
    const metadata = createResponsesMetadata({
      ...full,
      extra: { ...spoof, fiber_run_id: "1", __proto__x: "2" },
    });
    const bare = createResponsesMetadata({ ...full, extra: {} });
    expect(flatClientMetadata(metadata)).toEqual({
      ...flatClientMetadata(bare),
      "x-codex-turn-metadata": turnMetadataBlob(metadata),
    });
    expect(turnMetadataBlob(metadata)).not.toContain("spoofed");
    const hostile = JSON.parse(
      '{"__proto__":"p","constructor":"c","turn_id":{"a":1},"list":["turn_id"]}',
    );
    const blob = turnMetadataBlob(createResponsesMetadata({ ...full, extra: hostile }));
    expect(blob).toMatch(/,"__proto__":"p","constructor":"c"\}$/);
    expect(JSON.parse(blob).turn_id).toBe("turn-123");
    expect(JSON.parse(turnMetadataBlob(metadata))).toEqual({
      ...JSON.parse(turnMetadataBlob(bare)),
      fiber_run_id: "1",
      __proto__x: "2",
    });
  });

  test("[core/S1-7] every key that a profile writes is reserved", () => {
    const profiles = (["0.171", "0.140"] as const).map((name) => compatibilityProfile(name));
    const keys = profiles.flatMap(({ blobKeys, blobKeysAmongExtras, flatKeys }) => [
      ...blobKeys,
      ...blobKeysAmongExtras,
      ...flatKeys,
    ]);
    expect(keys.filter((key) => !isReservedMetadataKey(key))).toEqual([]);
  });

  test("[core/S1-16] writes extras sorted by their keys, however they come", () => {
    const extra = { zebra: "1", Apple: "2", mango: "3", "10": "4", _: "5", é: "6" };
    const snapshot = createResponsesMetadata({ ...full, extra });
    const sorted = ["10", "Apple", "_", "mango", "zebra", "\u00e9"];
    expect(snapshot.extra.map(([key]) => key)).toEqual(sorted);
    const blob = turnMetadataBlob(snapshot);
    const keys = [...blob.matchAll(/"([^"]+)":"[1-6]"/g)].map(([, key]) => key);
    expect(keys).toEqual(["10", "Apple", "_", "mango", "zebra", String.raw`\u00e9`]);
  });

  test("[core/S1-17] tells the commit of a workspace beside its remotes and changes", () => {
    const facts = {
      associatedRemoteUrls: [["origin", "u"]],
      latestGitCommitHash: "0123456789abcdef0123456789abcdef01234567",
      hasChanges: true,
    } as const;
    const blob = turnMetadataBlob(
      createResponsesMetadata({ ...full, workspaces: [["/w", facts]] }),
    );
    expect(blob).toContain(
      '"workspaces":{"/w":{"associated_remote_urls":{"origin":"u"},' +
        '"latest_git_commit_hash":"0123456789abcdef0123456789abcdef01234567","has_changes":true}}',
    );
    const alone = { latestGitCommitHash: "abc" };
    const bare = turnMetadataBlob(
      createResponsesMetadata({ ...full, workspaces: [["/w", alone]] }),
    );
    expect(bare).toContain('"workspaces":{"/w":{"latest_git_commit_hash":"abc"}}');
  });

  test("[core/S1-8] writes extras of any text as ASCII that reads back unchanged", () => {
    const text = '日本😀\u0001"\u007f\ud800';
    const metadata = createResponsesMetadata({ ...full, extra: { note: text, ключ: "значение" } });
    const blob = turnMetadataBlob(metadata);
    expect(blob).toMatch(/^[\x20-\x7e]+$/);
    expect(blob).toContain(String.raw`\u65e5\u672c\ud83d\ude00\u0001\"\u007f\ud800`);
    expect(JSON.parse(blob)).toMatchObject({ note: text, ключ: "значение" });
  });

  test("[core/S1-11] tells a memory request's server nothing about who asks", () => {
    const metadata = createResponsesMetadata({
      ...full,
      sessionSource: { internal: "memory_consolidation" },
      requestKind: { type: "memory" },
      forkedFromThreadId: undefined,
    });
    const carried = JSON.stringify([
      httpRequestHeaders(metadata),
      flatClientMetadata(metadata),
      turnMetadataBlob(metadata),
    ]);
    for (const id of [installationId, threadId, parent, "turn-123"]) {
      expect(carried).not.toContain(id);
    }
    expect(carried).toContain("memory");
  });

  test("[core/S1-12] gives a tool call a blob without kind, installation and window", () => {
    const blob = JSON.parse(
      turnMetadataBlob(createResponsesMetadata({ ...full, requestKind: undefined })),
    );
    expect(blob).toMatchObject({ session_id: parent, thread_id: threadId, turn_id: "turn-123" });
    for (const key of ["installation_id", "window_id", "request_kind"]) {
      expect(blob).not.toHaveProperty(key);
    }
  });

  test("[core/M1] drops the header copy of a blob that is too long and keeps the body's", () => {
    const metadata = createResponsesMetadata({ ...full, extra: { long: "x".repeat(9000) } });
    const names = httpRequestHeaders(metadata).map(([name]) => name);
    expect(names).not.toContain("x-codex-turn-metadata");
    expect(names).toContain("x-codex-window-id");
    expect(flatClientMetadata(metadata)["x-codex-turn-metadata"]).toContain("xxx");
  });

  test("[core/M2] writes HTTP headers in the recorded order", () => {
    expect(
      httpRequestHeaders(createResponsesMetadata(full), {
        betaFeatures: ["one", "two"],
        turnState: "sticky",
        inferenceCallId: "call",
      }).map(([name]) => name),
    ).toEqual([
      "x-codex-beta-features",
      "x-codex-turn-state",
      "x-codex-window-id",
      "x-codex-turn-metadata",
      "x-codex-parent-thread-id",
      "x-openai-subagent",
      "x-codex-inference-call-id",
      "x-client-request-id",
      "session-id",
      "thread-id",
    ]);
  });

  test("[core/M3] is frozen, and later changes of its inputs do not reach it", () => {
    const extra: Record<string, string> = { a: "1" };
    const url = ["origin", "u"] as [string, string];
    const facts = { associatedRemoteUrls: [url], hasChanges: false };
    const metadata = createResponsesMetadata({ ...full, extra, workspaces: [["/w", facts]] });
    const before = turnMetadataBlob(metadata);
    extra["b"] = "2";
    facts.hasChanges = true;
    url[1] = "v";
    expect(turnMetadataBlob(metadata)).toBe(before);
    expect(() => Object.assign(metadata, { turnId: "other" })).toThrow(TypeError);
    for (const part of [metadata.extra[0], metadata.workspaces[0], metadata.workspaces[0]?.[1]]) {
      expect(Object.isFrozen(part)).toBe(true);
    }
  });

  test("[core/M3] freezes the kind of a request, and the details of a compaction, as a copy", () => {
    const kind = { type: "turn" as "turn" | "memory" };
    const turn = createResponsesMetadata({ ...full, requestKind: kind });
    const details = { ...compaction("responses_compact").details };
    const compact = createResponsesMetadata({
      ...full,
      requestKind: { type: "compaction", details },
    });
    const before = [turnMetadataBlob(turn), turnMetadataBlob(compact)];
    kind.type = "memory";
    Object.assign(details, { implementation: "responses", trigger: "auto" });
    expect([turnMetadataBlob(turn), turnMetadataBlob(compact)]).toEqual(before);
    for (const part of [turn.requestKind, compact.requestKind, compact.requestKind?.details]) {
      expect(Object.isFrozen(part)).toBe(true);
      expect(() => Object.assign(part ?? {}, { type: "other" })).toThrow(TypeError);
    }
  });

  test("[core/S0-3] WebSocket metadata of a spawned thread holds window lineage and turn metadata", () => {
    const flat = webSocketClientMetadata(createResponsesMetadata(full), { startUnixMs: 42 });
    expect(flat).toMatchObject({
      "x-codex-installation-id": installationId,
      "x-codex-window-id": `${threadId}:1`,
      "x-openai-subagent": "collab_spawn",
      "x-codex-parent-thread-id": parent,
      "x-codex-ws-stream-request-start-ms": "42",
    });
    expect(JSON.parse(flat["x-codex-turn-metadata"] ?? "")).toMatchObject({ turn_id: "turn-123" });
  });
});
