import {
  errorExchange,
  functionCallExchange,
  messageExchange,
  startResponsesServer,
} from "@codex-ts/responses-server";
import type { Exchange, ResponsesServer } from "@codex-ts/responses-server";
import { afterEach, describe, expect, test } from "vitest";
import { THIRD_PARTY_CLIENTS } from "./support/clients.ts";

let server: ResponsesServer;

async function serve(script: readonly Exchange[]): Promise<ResponsesServer> {
  server = await startResponsesServer({ script });
  return server;
}

afterEach(() => server.close());

function notCalled(): never {
  throw new Error("no tool was asked for");
}

describe.each(THIRD_PARTY_CLIENTS)(
  "[responses-server/client-table] $name",
  ({ transport, ask, errorOf }) => {
    test("text", async () => {
      await serve([
        messageExchange(["It says ", "hello."], { usage: { input_tokens: 70, output_tokens: 3 } }),
      ]);
      const result = await ask(server, notCalled);
      expect(result).toEqual({ text: "It says hello.", inputTokens: 70, outputTokens: 3 });
      expect(server.requests.map((request) => request.transport)).toEqual([transport]);
      expect(server.unexpectedRequests).toEqual([]);
    });

    test("a tool call in two steps", async () => {
      await serve([
        functionCallExchange(
          { name: "read_file", args: { path: "notes.txt" }, callId: "call_7" },
          { usage: { input_tokens: 70, output_tokens: 3 } },
        ),
        messageExchange("It says hello.", { usage: { input_tokens: 80, output_tokens: 4 } }),
      ]);
      const paths: string[] = [];
      const result = await ask(server, (path) => {
        paths.push(path);
        return "hello from the file";
      });
      expect(paths).toEqual(["notes.txt"]);
      expect(result).toEqual({ text: "It says hello.", inputTokens: 150, outputTokens: 7 });
      const second = server.requests[1]?.body as { input: Record<string, unknown>[] } | undefined;
      const answered = second?.input.find(({ type }) => type === "function_call_output");
      expect(answered).toMatchObject({ call_id: "call_7" });
      expect(JSON.stringify(answered?.["output"])).toContain("hello from the file");
      expect(server.unexpectedRequests).toEqual([]);
    });

    test.each([
      [429, "rate_limit_exceeded"],
      [500, "internal_error"],
    ])("status %i", async (status, code) => {
      const refusal = { code, message: "The script says no.", requestId: "req_refused" };
      await serve([errorExchange(status, refusal)]);
      await expect(ask(server, notCalled)).rejects.toMatchObject(errorOf({ status, ...refusal }));
      expect(server.requests).toHaveLength(1);
      expect(server.unexpectedRequests).toEqual([]);
    });
  },
);
