import { describe, expect, test } from "vitest";
import {
  readEventMsg,
  readRolloutLine,
  toWireEventMsg,
  toWireRolloutLine,
} from "@codex-ts/protocol";
import { hasCorpus, recordedScenarios } from "./support/corpus.ts";

type Payload = Readonly<Record<string, unknown>>;

/** Kind of the bodies that carry no `type`, told by the members only they have. */
function kindOf(payload: Payload): string | undefined {
  if ("type" in payload) return undefined;
  if ("exit_code" in payload) return "exec_command_end";
  if ("parsed_cmd" in payload) return "exec_command_begin";
  if ("auto_approved" in payload) return "patch_apply_begin";
  if ("changes" in payload) return "patch_apply_end";
  return "agent_path" in payload && "event_id" in payload ? "sub_agent_activity" : undefined;
}

const PROTOCOL_EVENTS = new Set([
  "session_configured",
  "task_started",
  "task_complete",
  "turn_aborted",
  "warning",
  "error",
  "shutdown_complete",
]);

function events(version: string): Payload[] {
  return recordedScenarios(version)
    .flatMap((scenario) => scenario.payloads)
    .flatMap((payload) => {
      const kind = kindOf(payload);
      if (kind !== undefined) return [{ type: kind, ...payload }];
      // A tool result that failed is `{type: "error", error}`: no event.
      const isToolResult = payload["type"] === "error" && !("message" in payload);
      return PROTOCOL_EVENTS.has(String(payload["type"])) && !isToolResult ? [payload] : [];
    });
}

describe.skipIf(!hasCorpus)("events and items of recorded runs", () => {
  test.each(["0.132.0", "0.140.0"])(
    "[protocol/P36] %s: written back to the same bytes",
    (version) => {
      const seen = new Set<unknown>();
      for (const payload of events(version)) {
        const event = readEventMsg(payload);
        expect(event && JSON.stringify(toWireEventMsg(event))).toBe(JSON.stringify(payload));
        const line = readRolloutLine({
          timestamp: "2026-11-20T00:00:00.000Z",
          type: "event_msg",
          payload,
        });
        expect(line && JSON.stringify(toWireRolloutLine(line)["payload"])).toBe(
          JSON.stringify(payload),
        );
        seen.add(payload["type"]);
      }
      expect(seen.size).toBeGreaterThanOrEqual(PROTOCOL_EVENTS.size + 2);
    },
  );

  test("[protocol/P36] request items are lines of a session file", () => {
    for (const { inputItems } of recordedScenarios("0.140.0")) {
      for (const payload of inputItems) {
        const line = readRolloutLine({
          timestamp: "2026-11-20T00:00:00.000Z",
          type: "response_item",
          payload,
        });
        expect(line && JSON.stringify(toWireRolloutLine(line)["payload"])).toBe(
          JSON.stringify(payload),
        );
      }
    }
  });

  test("0.169.0: every event fits, newer members are left out", () => {
    const payloads = events("0.169.0");
    expect(payloads.length).toBeGreaterThan(300);
    for (const payload of payloads) {
      const event = readEventMsg(payload);
      expect(event?.type).toBe(payload["type"]);
      expect(event && toWireEventMsg(event)).toBeDefined();
    }
  });
});
