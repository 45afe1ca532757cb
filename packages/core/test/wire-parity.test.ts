import { readFileSync } from "node:fs";
import { afterAll, describe, expect, test } from "vitest";
import { isJsonObject } from "@codex-ts/protocol";
import type { JsonObject, JsonValue } from "@codex-ts/protocol";
import type { ReceivedRequest } from "@codex-ts/responses-server";
import type { RawTraceEvent } from "@codex-ts/rollout-trace";
import { isLongForm } from "@codex-ts/test-support";
import { readRawBundle } from "./support/bundle.ts";
import { startScene } from "./support/harness.ts";
import { blobOf, hasRecordedRuns, loadRecordedRun } from "./support/recorded-run.ts";
import type { RecordedRequest } from "./support/recorded-run.ts";

/** Recorded runs of 0.140 whose requests this client can produce by running turns: one of each sort. */
const IN_SUITE = [
  "exec-command",
  "several-output-items",
  "unknown-tool",
  "end-turn-false",
  "turn-state-http",
  "stream-closed-retry",
  "http-400",
  "rate-limit-headers",
  "ws-exec",
  "ws-fallback-426",
];

/** Further ones, for the long form. `tooling/conformance` compares them all, and more closely. */
const FURTHER = [
  "plain-message",
  "exec-failing",
  "multi-turn",
  "parallel-two",
  "http-500-once",
  "http-401",
  "empty-response",
  "multi-delta-reasoning",
  "large-output",
  "ws-no-prewarm",
];

interface Difference {
  readonly scenario: string;
  readonly field: string;
}

const listed = JSON.parse(
  readFileSync(new URL("wire-differences.json", import.meta.url), "utf8"),
) as Difference[];
const occurred = new Set<Difference>();

/** True for a difference on the list; an entry that no longer occurs fails the run. */
function isListed(scenario: string, field: string): boolean {
  const entry = listed.find(
    (difference) => ["*", scenario].includes(difference.scenario) && difference.field === field,
  );
  if (entry !== undefined) occurred.add(entry);
  return entry !== undefined;
}

/** Replaces what differs between any two runs of one program: ids, times, places, and words that are ours. */
function normalized(value: unknown): unknown {
  const text = JSON.stringify(value)
    .replaceAll(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, "<uuid>")
    .replaceAll(/\/tmp\/codex-ts-[A-Za-z0-9]+|\/workspace/g, "<cwd>")
    .replaceAll(/<current_date>[^<]*|<timezone>[^<]*/g, "<time>")
    .replaceAll(/Chunk ID: [0-9a-f]{6}/g, "Chunk ID: <hex>")
    .replaceAll(/Wall time: [0-9.]+/g, "Wall time: <seconds>")
    .replaceAll(/(exec_command failed for `[^`]*`: )(?:[^"\\]|\\.)*/g, "$1<reason>")
    .replaceAll(/(?<=turn_started_at_unix_ms\\*":)\d+/g, "0")
    .replaceAll(
      /"x-codex-ws-stream-request-start-ms":"\d+"/g,
      '"x-codex-ws-stream-request-start-ms":"<ms>"',
    );
  return JSON.parse(text);
}

/** The request as facts to compare; header and metadata order plays no part, that of body and blob does. */
function factsOf(scenario: string, request: RecordedRequest | ReceivedRequest): JsonObject {
  const { body } = request;
  if (!isJsonObject(body)) throw new Error("a request without a JSON body");
  const { tools, client_metadata: metadata, ...members } = body;
  const blob = blobOf(body);
  const { thread_source: source, ...ownBlob } = blob;
  const isSourceListed = source === undefined || isListed(scenario, "blob.thread_source");
  const flat = { ...(metadata as JsonObject), "x-codex-turn-metadata": null };
  return normalized({
    bodyKeys: Object.keys(body),
    members: { ...members, tools: toolNames(scenario, tools) },
    blobKeys: Object.keys(isSourceListed ? ownBlob : blob),
    blob: ownBlob,
    metadata: flat,
    headers: request.transport === "http" ? headerFacts(request.headers) : {},
  }) as JsonObject;
}

/** What the model may call, without what is not built yet. Descriptions are our own words. */
function toolNames(scenario: string, tools: JsonValue | undefined): string[] {
  if (!Array.isArray(tools)) throw new Error("a request without tools");
  return (tools as readonly JsonObject[])
    .map(({ name, type }) => (typeof name === "string" ? name : JSON.stringify(type)))
    .filter((name) => !isListed(scenario, `tools.${name}`));
}

function headerFacts(headers: readonly (readonly [string, string])[]): JsonObject {
  return Object.fromEntries(
    headers
      .map(([name, value]) => [name.toLowerCase(), value] as const)
      .filter(([name]) => !TRANSPORT_HEADERS.has(name) && !/^(?:sec-|upgrade$)/.test(name))
      .map(([name, value]) => [name, name === "x-codex-turn-metadata" ? "<blob>" : value]),
  );
}

/** What happened, without ids and times. */
function traceFacts({ payload }: RawTraceEvent): string {
  const facts: string[] = [payload.type];
  if ("event_type" in payload) facts.push(payload.event_type);
  if ("status" in payload) facts.push(payload.status);
  if ("response_id" in payload) facts.push(String(payload.response_id));
  if ("upstream_request_id" in payload) facts.push(String(payload.upstream_request_id));
  if ("kind" in payload) facts.push(JSON.stringify(payload.kind));
  return facts.join(" ");
}

/**
 * Sorts what happens beside each other between two requests: a tool starts while the end of its response is still on
 * the way, and commands end in any order.
 */
function inUnsettledOrder(events: readonly string[]): string[] {
  const stretches: string[][] = [[]];
  for (const event of events) {
    if (/^(?:inference_started|codex_turn_ended)/.test(event)) stretches.push([event], []);
    else stretches.at(-1)?.push(event);
  }
  return stretches.flatMap((stretch) => stretch.toSorted());
}

/** Made below this package, or named by the program that runs. */
const TRANSPORT_HEADERS = new Set([
  "host",
  "content-length",
  "user-agent",
  "originator",
  "x-codex-inference-call-id",
]);

describe.skipIf(!hasRecordedRuns)("requests compared with those of the real 0.140", () => {
  for (const scenario of isLongForm ? [...IN_SUITE, ...FURTHER] : IN_SUITE) {
    test(`[core/W1] [core/W2] are the same in ${scenario}, and so are handshakes and trace events`, async () => {
      const run = loadRecordedRun(scenario);
      const websockets = run.handshakes.length > 0;
      await using scene = await startScene(
        run.script,
        {
          model: run.model,
          betaFeatures: ["terminal_resize_reflow", "remote_compaction_v2"],
          compatibility: "0.140",
          providerInfo: { supportsWebsockets: websockets },
          server: { warmUps: "script", handshakes: run.answeredHandshakes },
        },
        1,
      );
      for (const turn of run.turns) {
        await scene.turn(turn.input, {
          clientMetadata: turn.extras,
          outputSchema: turn.outputSchema,
        });
      }
      expect(scene.server.unexpectedRequests).toEqual([]);
      const ours = scene.server.requests.map((request) => factsOf(scenario, request));
      const theirs = run.requests.map((request) => factsOf(scenario, request));
      expect(ours).toEqual(theirs);
      expect(
        scene.server.connections.map(({ headers }) => normalized(headerFacts(headers))),
      ).toEqual(run.handshakes.map(({ headers }) => normalized(headerFacts(headers))));
      await scene.thread.close();
      const [traced, recorded] = [readRawBundle(scene.thread.bundlePath).events, run.traceEvents]
        .map((events) => events.map(traceFacts))
        // The real client told the end of its slow command after everything else.
        .map((events) => (scenario === "parallel-two" ? events.toSorted() : events))
        .map(inUnsettledOrder);
      expect(traced).toEqual(recorded);
    });
  }

  afterAll(() => {
    const stale = listed.filter((difference) => !occurred.has(difference));
    if (stale.length > 0) throw new Error(`no such difference any more: ${JSON.stringify(stale)}`);
  });
});
