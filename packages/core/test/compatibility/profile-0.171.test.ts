import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync, zstdCompressSync } from "node:zlib";
import { compatibilityProfile, createResponsesMetadata, turnMetadataBlob } from "@codex-ts/core";
import type { CodexThread } from "@codex-ts/core";
import { isJsonObject } from "@codex-ts/protocol";
import type { JsonObject, JsonValue } from "@codex-ts/protocol";
import {
  bytes,
  functionCallExchange,
  messageExchange,
  rawEvent,
  streamExchange,
} from "@codex-ts/responses-server";
import type { ResponsesServer } from "@codex-ts/responses-server";
import { describe, expect, test } from "vitest";
import { readRawBundle, reduceStrictly } from "../support/bundle.ts";
import { ofType, startScene } from "../support/harness.ts";

const METADATA = "internal_chat_message_metadata_passthrough";
const V5 = /^[a-z]+_[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const V7 = /^[a-z]+_[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

const command = functionCallExchange({
  name: "exec_command",
  args: { cmd: "echo one", login: false },
  callId: "call_1",
});

function bodyOf(server: ResponsesServer, index: number): JsonObject {
  return server.requests.at(index)?.body as JsonObject;
}

function schemaOf({ bundlePath }: CodexThread): unknown {
  const manifest = readFileSync(join(bundlePath ?? "", "manifest.json"), "utf8");
  return (JSON.parse(manifest) as JsonObject)["schema_version"];
}

function inputOf(server: ResponsesServer, index: number): JsonObject[] {
  return bodyOf(server, index)["input"] as JsonObject[];
}

describe("[core/V1] the compatibility of a thread", () => {
  test("is 0.171 when nobody says otherwise", async () => {
    await using scene = await startScene([messageExchange("hi")], {
      compatibility: undefined,
      errorPolicy: undefined,
      trace: undefined,
    } as never);
    await scene.turn("go");
    const body = bodyOf(scene.server, 0);
    expect(Object.keys(body).slice(0, 3)).toEqual(["model", "stream", "input"]);
    expect(scene.server.requests[0]?.header("accept-encoding")).toBe("zstd,gzip");
    expect(inputOf(scene.server, 0)[0]).toMatchObject({
      role: "developer",
      content: [{ text: "Follow the script." }],
    });
  });

  test("decides the trace schema, which can be said otherwise", async () => {
    for (const compatibility of ["0.171", "0.140"] as const) {
      const { traceSchemaVersion } = compatibilityProfile(compatibility);
      await using scene = await startScene([], { compatibility });
      await using other = await startScene(
        [messageExchange("hi")],
        { compatibility },
        traceSchemaVersion === 1 ? 2 : 1,
      );
      const root = `${scene.folder}/by-profile`;
      await using byProfile = await startScene([messageExchange("hi")], {
        compatibility,
        trace: { root },
      });
      for (const each of [other, byProfile]) await each.turn("go");
      expect(schemaOf(byProfile.thread)).toBe(traceSchemaVersion);
      expect(schemaOf(other.thread)).not.toBe(traceSchemaVersion);
    }
  });
});

describe("[core/V2] ids of items", () => {
  test("are given once and stay, also over a second turn", async () => {
    await using scene = await startScene(
      [command, messageExchange("Done."), messageExchange("B")],
      {
        compatibility: "0.171",
      },
    );
    await scene.turn("go");
    await scene.turn("again");
    const [first, second, third] = [0, 1, 2].map((index) => inputOf(scene.server, index));
    expect(second?.slice(0, first?.length)).toEqual(first);
    expect(third?.slice(0, second?.length)).toEqual(second);
    const ids = (third ?? []).map(({ type, id }) => JSON.stringify([type, id]));
    expect(new Set(ids).size).toBe(ids.length);
    expect(third?.[0]?.["id"]).toMatch(V5);
    expect(third?.[1]?.["id"]).toMatch(V7);
    expect(third?.find(({ type }) => type === "function_call_output")?.["id"]).toMatch(/^fco_/);
    expect(third?.every(({ id }) => typeof id === "string")).toBe(true);
  });

  test("of a server that gives none are made here; a call without an output gets a derived one", async () => {
    const item = (members: JsonObject) =>
      rawEvent({ type: "response.output_item.done", item: members });
    await using scene = await startScene(
      [
        streamExchange([
          item({
            type: "message",
            role: "assistant",
            content: [{ type: "output_text", text: "a" }],
          }),
          item({
            type: "local_shell_call",
            call_id: "call_ls",
            status: "completed",
            action: { type: "exec", command: ["true"] },
          }),
        ]),
        messageExchange("Two."),
        messageExchange("Three."),
      ],
      { compatibility: "0.171" },
    );
    for (const text of ["one", "two", "three"]) await scene.turn(text);
    const [second, third] = [inputOf(scene.server, 1), inputOf(scene.server, 2)];
    const missing = second.find(({ type }) => type === "function_call_output");
    expect(missing).toMatchObject({ call_id: "call_ls", output: "aborted" });
    expect(missing?.["id"]).toMatch(V5);
    expect(third.slice(0, second.length)).toEqual(second);
    const message = second.find(({ role }) => role === "assistant");
    expect(message?.["id"]).toMatch(/^msg_/);
    const accepted = readRawBundle(scene.thread.bundlePath).of("history_item_accepted");
    expect(accepted.map(({ item_id: id }) => id)).toContain(message?.["id"]);
  });
});

describe("[core/V4] facts about items", () => {
  const play = async (name: string) => {
    await using scene = await startScene([command, messageExchange("Done.")], {
      compatibility: "0.171",
      providerInfo: { name },
    });
    const events = await scene.turn("go");
    return {
      turnId: ofType(events, "turnStarted")[0]?.turnId,
      facts: inputOf(scene.server, 1).map((item) => item[METADATA]),
    };
  };

  test("go to a provider named OpenAI", async () => {
    const { turnId, facts } = await play("OpenAI");
    expect(facts[0]).toEqual({ content_item_kinds: ["model.base_instructions"] });
    expect(facts[1]).toMatchObject({
      turn_id: turnId,
      create_time: expect.any(Number) as number,
      content_item_kinds: ["environments.environment_context"],
    });
    expect(facts[2]).toMatchObject({ turn_id: turnId, content_item_kinds: ["user.text"] });
    expect(facts[3]).toEqual({ turn_id: turnId });
    expect(Object.keys(facts[4] as JsonObject)).toEqual(["turn_id", "create_time"]);
  });

  test("go to no other", async () => {
    const { facts } = await play("mock");
    expect(facts).toHaveLength(5);
    expect(facts.every((fact) => fact === undefined)).toBe(true);
  });

  test("are sent with every item, and spoil no bundle", async () => {
    const item = (members: JsonObject) =>
      rawEvent({ type: "response.output_item.done", item: members });
    const action = { type: "exec", command: ["true"] };
    await using scene = await startScene(
      [
        streamExchange([
          item({ type: "local_shell_call", id: "l", call_id: "l", status: "completed", action }),
          item({ type: "web_search_call", id: "w", status: "completed" }),
        ]),
        messageExchange("Two."),
        messageExchange("Three."),
      ],
      { compatibility: "0.171", providerInfo: { name: "OpenAI" } },
    );
    for (const text of ["one", "two", "three"]) await scene.turn(text);
    const calls = inputOf(scene.server, 2).filter((each) =>
      (each["type"] as string).endsWith("_call"),
    );
    expect(calls.map((call) => Object.keys(call[METADATA] as JsonObject))).toEqual([
      ["turn_id"],
      ["turn_id"],
    ]);
    expect(Object.keys((await reduceStrictly(scene.thread)).inference_calls)).toHaveLength(3);
  });

  test("do not keep a WebSocket request from being continued", async () => {
    await using scene = await startScene([command, messageExchange("Done.")], {
      compatibility: "0.171",
      providerInfo: { name: "OpenAI", supportsWebsockets: true },
    });
    await scene.turn("go");
    const last = bodyOf(scene.server, -1);
    expect(last["previous_response_id"]).toEqual(expect.any(String));
    expect(last["input"]).toMatchObject([{ type: "function_call_output" }]);
  });
});

describe("[core/V5] extras of a client", () => {
  const hostile = Object.fromEntries(
    [...compatibilityProfile("0.171").blobKeys, "model", "reasoning_effort"].map((key) => [
      key,
      "forged",
    ]),
  );

  test.each(["0.171", "0.140"] as const)("override nothing in %s", (compatibility) => {
    const { blobKeys } = compatibilityProfile(compatibility);
    const facts = {
      compatibility,
      threadId: "01a1fa2c-14fd-7b60-8176-1542090ff366",
      turnId: "turn",
      requestKind: { type: "turn" },
      model: "gpt-mock",
      reasoningEffort: "low",
    } as const;
    const text = turnMetadataBlob(
      createResponsesMetadata({ ...facts, extra: { ...hostile, zebra: "z", note: "n" } }),
    );
    const blob = JSON.parse(text) as JsonObject;
    const owned = [...blobKeys, ...compatibilityProfile(compatibility).blobKeysAmongExtras];
    for (const key of owned) expect(blob[key]).not.toBe("forged");
    for (const key of owned) expect(text.split(`"${key}":`).length).toBeLessThanOrEqual(2);
    const tail = compatibility === "0.171" ? ["model", "note", "reasoning_effort"] : ["note"];
    const names = Object.keys(blob).filter((key) => [...tail, "zebra"].includes(key));
    expect(names).toEqual([...tail, "zebra"]);
  });
});

test.each(["0.171", "0.140"] as const)(
  "[core/V6] compressed answers are read in %s",
  async (it) => {
    const plain = messageExchange("Small.");
    const sse = [
      { type: "response.created", response: { id: "resp_1" } },
      {
        type: "response.output_item.done",
        item: {
          type: "message",
          role: "assistant",
          content: [{ type: "output_text", text: "Small." }],
        },
      },
      { type: "response.completed", response: { id: "resp_1" } },
    ].map((event) => `data: ${JSON.stringify(event)}\n\n`);
    const answers = [gzipSync, zstdCompressSync].map((compress) => ({
      headers: {
        "content-type": "text/event-stream",
        "content-encoding": compress === gzipSync ? "gzip" : "zstd",
      },
      events: [bytes(compress(sse.join("")))],
    }));
    await using scene = await startScene([...answers, plain], { compatibility: it });
    for (const text of ["one", "two", "three"]) {
      const [message] = ofType(await scene.turn(text), "itemCompleted");
      expect(message?.item).toMatchObject({ text: "Small." });
    }
    const asked = scene.server.requests.map((request) => request.header("accept-encoding"));
    expect(new Set(asked)).toEqual(new Set([it === "0.171" ? "zstd,gzip" : undefined]));
  },
);

test.each(["0.171", "0.140"] as const)("[core/V7] what of an item goes back in %s", async (it) => {
  const item = (members: JsonObject) =>
    rawEvent({ type: "response.output_item.done", item: members });
  const annotations: JsonValue[] = [{ type: "url_citation", url: "u" }];
  await using scene = await startScene(
    [
      streamExchange([
        item({
          type: "message",
          id: "msg_1",
          status: "completed",
          role: "assistant",
          content: [{ type: "output_text", text: "a", annotations, logprobs: null }],
        }),
        item({
          type: "custom_tool_call",
          id: "c",
          call_id: "c",
          name: "n",
          namespace: "s",
          input: "x",
        }),
        item({
          type: "function_call",
          id: "f",
          status: "odd",
          call_id: "f",
          name: "n",
          arguments: "",
        }),
      ]),
      messageExchange("Done."),
    ],
    { compatibility: it },
  );
  await scene.turn("go");
  const sent = inputOf(scene.server, 1).filter(
    ({ type, role }) =>
      role === "assistant" || type === "custom_tool_call" || type === "function_call",
  );
  const text = it === "0.171" ? { annotations } : {};
  expect(sent.map((each) => (isJsonObject(each) ? Object.keys(each) : each))).toEqual(
    it === "0.171"
      ? [
          ["type", "status", "id", "role", "content"],
          ["type", "id", "call_id", "name", "namespace", "input"],
          ["type", "status", "id", "name", "arguments", "call_id"],
        ]
      : [
          ["type", "role", "content"],
          ["type", "call_id", "name", "input"],
          ["type", "name", "arguments", "call_id"],
        ],
  );
  expect(sent[0]?.["content"]).toEqual([{ type: "output_text", text: "a", ...text }]);
});
