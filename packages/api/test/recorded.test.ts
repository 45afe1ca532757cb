import { describe, expect, test } from "vitest";
import type { JsonObject, ResponseCreateFrame, ResponsesRequest } from "@codex-ts/protocol";
import { DEFAULT_REQUEST_FORMAT } from "../src/endpoints/request-format.ts";
import { serializeResponsesRequest } from "../src/endpoints/responses-body.ts";
import { serializeRequestFrame } from "../src/websocket/request-frame.ts";
import { hasCorpus, recordedFiles } from "./support/corpus.ts";
import { decodeChunks, splitAtRandom, sse } from "./support/decode.ts";

const VERSIONS = ["0.132.0", "0.140.0", "0.169.0"];

/** The recorded events as the bytes they were served as. */
function servedBytes(events: readonly JsonObject[]): Buffer {
  return Buffer.from(
    events.map((event) => (typeof event["raw"] === "string" ? event["raw"] : sse(event))).join(""),
  );
}

describe.skipIf(!hasCorpus)("recorded runs of the reference client", () => {
  test.each(VERSIONS)(
    "every stream served to %s decodes to its items and its end",
    async (version) => {
      let streams = 0;
      const owed = new Set<string>();
      for (const { scenario, entries } of recordedFiles(version, "served.json")) {
        for (const { sse: events } of entries) {
          if (events === undefined) continue;
          streams += 1;
          const bytes = servedBytes(events);
          const outcome = await decodeChunks([bytes]);
          const split = await decodeChunks(splitAtRandom(bytes, streams));
          expect(split, scenario).toEqual(outcome);
          const done = events.filter((event) => event["type"] === "response.output_item.done");
          const delivered = outcome.events.filter((event) => event.type === "outputItemDone");
          expect(delivered.length, scenario).toBeGreaterThanOrEqual(done.length);
          if (delivered.length > done.length) owed.add(scenario);
          const completed = events.find((event) => event["type"] === "response.completed");
          const response = completed?.["response"] as JsonObject | undefined;
          const ended = outcome.events.find((event) => event.type === "completed");
          expect(ended?.responseId, scenario).toBe(response?.["id"]);
          expect(outcome.error === undefined, scenario).toBe(completed !== undefined);
        }
      }
      expect(streams).toBeGreaterThan(100);
      // Their clients left before the end, which shows only here that a text was never finished.
      for (const scenario of owed)
        expect(scenario).toMatch(/^(ws-interrupt|interrupt-mid-stream)$/);
    },
  );

  test.each(["0.132.0", "0.140.0"])(
    "the bodies that %s sent are written the same, byte for byte",
    (version) => {
      let bodies = 0;
      for (const { scenario, entries } of recordedFiles(version, "requests.json")) {
        for (const { transport, kind, body } of entries) {
          if (transport !== "http" || kind !== "responses" || body === undefined) continue;
          bodies += 1;
          const written = serializeResponsesRequest(body as unknown as ResponsesRequest, {
            azure: false,
            format: DEFAULT_REQUEST_FORMAT,
          });
          expect(Buffer.from(written).toString(), scenario).toBe(JSON.stringify(body));
        }
      }
      expect(bodies).toBeGreaterThan(100);
    },
  );

  test.each(["0.132.0", "0.140.0"])(
    "the WebSocket frames that %s sent are written the same",
    (version) => {
      let frames = 0;
      for (const { scenario, entries } of recordedFiles(version, "requests.json")) {
        for (const { kind, body } of entries) {
          if (body?.["type"] !== "response.create") continue;
          frames += 1;
          const stampKey = "x-codex-ws-stream-request-start-ms";
          const { [stampKey]: stamp, ...metadata } = body["client_metadata"] as JsonObject;
          const frame = { ...body, client_metadata: metadata };
          const written = serializeRequestFrame(frame as unknown as ResponseCreateFrame, {
            azure: false,
            format: DEFAULT_REQUEST_FORMAT,
            sentAtMs: Number(stamp),
          });
          const parsed = JSON.parse(Buffer.from(written).toString()) as JsonObject;
          expect(parsed, `${scenario} ${kind}`).toEqual(body);
          expect(Object.keys(parsed), scenario).toEqual(Object.keys(body));
        }
      }
      expect(frames).toBeGreaterThan(5);
    },
  );
});
