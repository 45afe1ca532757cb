import { describe, expect, test } from "vitest";
import { ModelClient } from "@codex-ts/core";
import type { InferenceSummary, MappedResponseStream } from "@codex-ts/core";
import {
  created,
  disconnect,
  errorExchange,
  hang,
  message,
  messageExchange,
  startResponsesServer,
} from "@codex-ts/responses-server";
import type { Exchange, ResponsesServer } from "@codex-ts/responses-server";
import { ThreadTrace } from "@codex-ts/rollout-trace";
import { temporaryDirectory, waitFor } from "@codex-ts/test-support";
import { readRawBundle } from "../support/bundle.ts";
import { INSTALLATION_ID, testModel, testProvider } from "../support/harness.ts";

const threadId = "01a1fa2c-14fd-7b60-8176-1542090ff366";

interface Play {
  readonly server: ResponsesServer;
  readonly abort: AbortController;
  readonly open: () => Promise<MappedResponseStream>;
}

async function readAll({ open }: Play): Promise<void> {
  for await (const event of await open()) if (event.type === "completed") return;
}

async function dropFirst({ open }: Play): Promise<void> {
  for await (const event of await open()) if (event.type === "outputItemDone") return;
}

async function abortUnanswered({ open, server, abort }: Play): Promise<void> {
  const opening = open();
  await waitFor(() => server.requests.length === 1);
  abort.abort(new Error("enough"));
  await opening;
}

const NO_REJECTION = "no rejection";

const ENDS: readonly {
  readonly name: string;
  readonly exchange: Exchange;
  readonly play: (play: Play) => Promise<void>;
  /** Part of the error of the request or its stream. */
  readonly rejects: string;
  readonly status: InferenceSummary["status"];
  readonly requestId: string | undefined;
  readonly items: number;
}[] = [
  {
    name: "completed",
    exchange: messageExchange("Hi.", { requestId: "req_1", responseId: "resp_1" }),
    play: readAll,
    rejects: NO_REJECTION,
    status: "completed",
    requestId: "req_1",
    items: 1,
  },
  {
    name: "broken after an item",
    exchange: { requestId: "req_1", events: [created(), message("Half."), disconnect()] },
    play: readAll,
    rejects: "other side closed",
    status: "failed",
    requestId: "req_1",
    items: 1,
  },
  {
    name: "refused before there was a response",
    exchange: errorExchange(400, { message: "No.", requestId: "req_400" }),
    play: readAll,
    rejects: "http 400",
    status: "failed",
    requestId: "req_400",
    items: 0,
  },
  {
    name: "dropped by its consumer after an item",
    exchange: { requestId: "req_1", events: [created(), message("Half."), hang()] },
    play: dropFirst,
    rejects: NO_REJECTION,
    status: "cancelled",
    requestId: "req_1",
    items: 1,
  },
  {
    name: "given up before there was a response",
    exchange: { beforeStatus: [hang()], events: [] },
    play: abortUnanswered,
    rejects: "enough",
    status: "cancelled",
    requestId: undefined,
    items: 0,
  },
];

/** Plays one attempt; how it rejected, its terminal records, and what the observer received. */
async function attempt(
  { exchange, play }: (typeof ENDS)[number],
  onFinished: (summary: InferenceSummary) => void = () => {},
) {
  await using directory = await temporaryDirectory();
  await using server = await startResponsesServer({ script: [exchange] });
  const trace = ThreadTrace.startRoot({
    root: directory.path,
    metadata: {
      threadId,
      agentPath: "/root",
      sessionSource: "exec",
      cwd: "/w",
      model: "gpt-mock",
      providerName: "mock",
      approvalPolicy: "never",
      sandboxPolicy: "DangerFullAccess",
    },
  });
  trace.recordTurnStarted({ turnId: "turn-1" });
  const client = new ModelClient({
    provider: testProvider(server.url, { requestMaxRetries: 0 }),
    model: testModel(),
    threadId,
    installationId: INSTALLATION_ID,
    sessionSource: "exec",
  });
  const abort = new AbortController();
  const summaries: InferenceSummary[] = [];
  const session = client.newSession();
  const open = (): Promise<MappedResponseStream> =>
    session.stream({
      prompt: { instructions: "", input: [], tools: [], parallelToolCalls: true },
      metadata: client.metadata({ turnId: "turn-1", requestKind: { type: "turn" } }),
      trace: trace.inferenceContext({
        turnId: "turn-1",
        model: "gpt-mock",
        providerName: "mock",
      }),
      observer: {
        inferenceStarted() {},
        inferenceFinished(summary) {
          summaries.push(summary);
          onFinished(summary);
        },
      },
      signal: abort.signal,
    });
  const rejection = await play({ server, abort, open }).then(
    () => NO_REJECTION,
    (error: unknown) => String(error),
  );
  session.close();
  await client.close();
  await trace.close();
  const bundle = readRawBundle(trace.bundlePath);
  const records = (["completed", "failed", "cancelled"] as const).flatMap((status) =>
    bundle.of(`inference_${status}`).map((record) => {
      const payload =
        "response_payload" in record ? record.response_payload : record.partial_response_payload;
      const items: unknown[] = payload === null ? [] : bundle.payload(payload).output_items;
      return {
        status,
        inferenceCallId: record.inference_call_id,
        upstreamRequestId: record.upstream_request_id ?? undefined,
        items: items.length,
      };
    }),
  );
  return { rejection, records, summaries };
}

describe("the end of an attempt", () => {
  test.each(ENDS)(
    "[core/P9] is recorded and reported once, with the same facts: $name",
    async (end) => {
      const { rejection, records, summaries } = await attempt(end);
      expect(rejection).toContain(end.rejects);
      const { status, requestId: upstreamRequestId } = end;
      expect(summaries).toMatchObject([{ status, upstreamRequestId, ordinal: 1 }]);
      const inferenceCallId = summaries[0]?.inferenceCallId;
      expect(records).toEqual([{ status, inferenceCallId, upstreamRequestId, items: end.items }]);
    },
  );

  test.each(ENDS)("[core/P8-end] is the same when an observer throws: $name", async (end) => {
    const expected = await attempt(end);
    const { rejection, records } = await attempt(end, () => {
      throw new Error("observer");
    });
    expect(rejection.replaceAll(/:\d+/g, "")).toBe(expected.rejection.replaceAll(/:\d+/g, ""));
    const facts = ({ status, upstreamRequestId, items }: (typeof records)[number]) => ({
      status,
      upstreamRequestId,
      items,
    });
    expect(records.map(facts)).toEqual(expected.records.map(facts));
  });
});
