import { describe, expect, test } from "vitest";
import {
  close,
  created,
  disconnect,
  failed,
  hang,
  message,
  messageExchange,
  reset,
  wrappedError,
} from "@codex-ts/responses-server";
import type { Exchange, Step } from "@codex-ts/responses-server";
import { isLongForm } from "@codex-ts/test-support";
import { conversationOf, inferencesOf, readRawBundle, reduceStrictly } from "./support/bundle.ts";
import { ofType, startScene } from "./support/harness.ts";

const half = [created(), message("Half.")];
const error = { code: "server_error", message: "Broken." };

/** Both in the long form; the tests of each fault on its own have both always. */
const POLICIES = isLongForm ? (["0.169", "0.140"] as const) : (["0.169"] as const);

/** What a response does instead of completing, after one finished item. */
const FAULTS: readonly (readonly [name: string, transport: "both" | "http" | "websocket", Step])[] =
  [
    ["is reset", "both", reset()],
    ["falls silent", "both", hang()],
    ["says that it failed", "both", failed(error)],
    ["is cut", "http", disconnect()],
    ["ends with its connection", "websocket", close(1011)],
    ["is answered with an error", "websocket", wrappedError({ status: 500, ...error })],
  ];

const CASES = FAULTS.flatMap(([name, transport, fault]) =>
  (["http", "websocket"] as const)
    .filter((each) => transport === "both" || transport === each)
    .flatMap((each) =>
      POLICIES.map((policy) => ({
        name,
        each,
        policy,
        fault,
        compatibility: policy === "0.169" ? ("0.171" as const) : ("0.140" as const),
      })),
    ),
);

describe("a response that breaks off after its first item", () => {
  test.each(CASES)(
    "[core/C9-once] and $name leaves one end in the trace and one copy of everything ($each, policy $policy)",
    async ({ name, each, policy, fault, compatibility }) => {
      const broken: Exchange = { requestId: "req_broken", events: [...half, fault] };
      await using scene = await startScene(
        [broken, messageExchange("Whole."), messageExchange("Next.")],
        {
          compatibility,
          errorPolicy: policy,
          providerInfo: {
            supportsWebsockets: each === "websocket",
            ...(name === "falls silent" && { streamIdleTimeoutMs: 250 }),
          },
        },
      );
      const events = [...(await scene.turn("go")), ...(await scene.turn("on"))];
      expect(ofType(events, "turnCompleted")).toHaveLength(2);
      expect(ofType(events, "inferenceFinished").map(({ inference }) => inference.status)).toEqual([
        "failed",
        "completed",
        "completed",
      ]);
      const state = await reduceStrictly(scene.thread);
      const bundle = readRawBundle(scene.thread.bundlePath);
      const id = each === "http" ? "req_broken" : null;
      expect(bundle.of("inference_failed")).toMatchObject([{ upstream_request_id: id }]);
      expect(
        bundle.payload(bundle.of("inference_failed")[0]?.partial_response_payload),
      ).toMatchObject({
        response_id: null,
        output_items: [{ type: "message" }],
      });
      expect(bundle.of("inference_started")).toHaveLength(3);
      expect(bundle.of("inference_completed")).toHaveLength(2);
      expect(bundle.of("inference_cancelled")).toEqual([]);
      expect(inferencesOf(state)).toHaveLength(3);
      const texts = conversationOf(state).filter((text) => !text.startsWith("<"));
      // Base instructions are an item where requests have them as one.
      expect(texts.splice(0, compatibility === "0.171" ? 1 : 0)).toEqual(
        compatibility === "0.171" ? ["Follow the script."] : [],
      );
      expect(texts).toEqual(["go", "Half.", "Whole.", "on", "Next."]);
      const asked = JSON.stringify(scene.server.requests.at(-1)?.body);
      const copies = texts.slice(0, 4).map((text) => asked.split(`"${text}"`).length - 1);
      expect(copies).toEqual(each === "http" ? [1, 1, 1, 1] : [0, 0, 0, 1]);
    },
  );
});
