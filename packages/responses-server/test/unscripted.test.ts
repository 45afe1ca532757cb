import { errorExchange, messageExchange, startResponsesServer } from "@codex-ts/responses-server";
import type { Exchange, ResponsesServer } from "@codex-ts/responses-server";
import { request } from "undici";
import { expect, test } from "vitest";
import { post } from "./support/post.ts";

/** What the answer to an unscripted request says, which the records must say too. */
async function reasonGiven(
  server: ResponsesServer,
  response: { readonly statusCode: number; readonly body: { json(): Promise<unknown> } },
): Promise<string> {
  const { error } = (await response.body.json()) as { error: { message: string } };
  const { reason = "", request: received } = server.unexpectedRequests.at(-1) ?? {};
  expect(response.statusCode).toBe(404);
  expect(error).toEqual({
    message: `${reason}; add one to the script`,
    type: "script_error",
    param: null,
    code: "unscripted_request",
  });
  expect(received).toBe(server.requests.at(-1));
  return reason;
}

const ASKED = "request 1 (POST /v1/responses?x=1) matches no exchange";

test.each<[string, Exchange[], string]>([
  ["no script", [], "the script is empty"],
  ["another method", [{ method: "GET", body: null }], "left: exchange 1 matches only method GET"],
  [
    "another path",
    [{ path: "/responses/compact", body: null }],
    "left: exchange 1 matches only path /responses/compact",
  ],
  [
    "another transport",
    [messageExchange("x", { transport: "websocket" })],
    "left: exchange 1 matches only transport websocket",
  ],
  [
    "a condition",
    [messageExchange("x", { when: () => false })],
    "left: exchange 1 matches only requests for which its `when` returns true",
  ],
  [
    "several",
    [
      { method: "PUT", path: "/upload", transport: "http", body: null },
      { transport: "websocket", method: "GET", path: "/x", body: null, when: () => true },
    ],
    "left: exchange 1 matches only method PUT, path /upload; exchange 2 matches only transport websocket, method GET, path /x",
  ],
])(
  "[responses-server/unscripted-request] a request that %s keeps from an answer gets 404 and is told why",
  async (_, script, why) => {
    await using server = await startResponsesServer({ script });
    const reason = await reasonGiven(server, await post(server, { path: "/responses?x=1" }));
    expect(reason).toBe(`${ASKED} (${why})`);
    expect(server.unusedExchanges).toEqual(script);
  },
);

test("[responses-server/unscripted-request] what is used up is counted, what is left keeps its number", async () => {
  await using server = await startResponsesServer({
    script: [errorExchange(503, { repeat: 2 }), messageExchange("x", { path: "/other" })],
  });
  for (let count = 1; count <= 2; count += 1) await (await post(server)).body.dump();
  expect(await reasonGiven(server, await post(server))).toBe(
    "request 3 (POST /v1/responses) matches no exchange " +
      "(used up: 1 of 2; left: exchange 2 matches only path /other)",
  );
});

test("[responses-server/unscripted-request] a long script is not told in full", async () => {
  await using server = await startResponsesServer({
    script: Array.from({ length: 500 }, () => messageExchange("x", { path: "/other" })),
  });
  const reason = await reasonGiven(server, await post(server));
  expect(reason).toContain("; exchange 10 matches only path /other; and 490 more)");
  expect(reason).not.toContain("exchange 11 ");
});

test("a condition is asked once per request, also when it refuses", async () => {
  let asked = 0;
  const when = (): boolean => {
    asked += 1;
    return false;
  };
  await using server = await startResponsesServer({ script: [messageExchange("x", { when })] });
  await (await request(`${server.url}/elsewhere`)).body.dump();
  expect(asked).toBe(0);
  await (await post(server)).body.dump();
  expect(asked).toBe(1);
});
