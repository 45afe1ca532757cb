import type { RequestFormat } from "@codex-ts/api";
import type { JsonObject } from "@codex-ts/protocol";
import { messageExchange, startResponsesServer } from "@codex-ts/responses-server";
import { describe, expect, test } from "vitest";
import { bearer, clientAt, outcomeOf, request } from "../support/client.ts";
import { frame, webSocketClientAt } from "../support/websocket.ts";

const FORMAT: RequestFormat = {
  members: ["type", "model", "stream", "previous_response_id", "input", "tools", "client_metadata"],
  itemIds: "keep",
  credentials: "after_content_headers",
  acceptEncoding: "zstd,gzip",
};
const INPUT: readonly JsonObject[] = [{ type: "message", id: "msg_1", role: "user", content: [] }];

describe("[api/X3] a request format", () => {
  test("orders members and headers, keeps ids, and asks for an encoding", async () => {
    await using server = await startResponsesServer({ script: [messageExchange("hi")] });
    const client = clientAt(
      server.url,
      {},
      {
        auth: bearer("t"),
        requestFormat: FORMAT,
        clientHeaders: [["user-agent", "test"]],
      },
    );
    await outcomeOf(await client.stream(request({ input: INPUT })));
    const [received] = server.requests;
    const body = received?.body as JsonObject;
    expect(Object.keys(body)).toEqual(["model", "stream", "input", "tools"]);
    expect(body["input"]).toEqual(INPUT);
    expect(
      received?.headers.map(([name]) => name).filter((name) => !/^(host|conn)/.test(name)),
    ).toEqual([
      "accept",
      "content-type",
      "authorization",
      "user-agent",
      "accept-encoding",
      "content-length",
    ]);
    expect(received?.header("accept-encoding")).toBe("zstd,gzip");
  });

  test("orders the members of a frame; its upgrade asks for no encoding", async () => {
    await using server = await startResponsesServer({ script: [messageExchange("hi")] });
    const client = webSocketClientAt(server.url, {}, { requestFormat: FORMAT });
    await using connection = await client.connect();
    const given = frame({ input: INPUT, previous_response_id: "resp_0" });
    await outcomeOf(await connection.stream(given));
    const body = server.requests[0]?.body as JsonObject;
    expect(Object.keys(body)).toEqual([...FORMAT.members]);
    expect(body["input"]).toEqual(INPUT);
    const names = server.connections[0]?.headers.map(([name]) => name.toLowerCase());
    expect(names).not.toContain("accept-encoding");
  });

  test("asks for no encoding unless it says so, and never against the caller", async () => {
    await using server = await startResponsesServer({
      script: [{ ...messageExchange("hi"), repeat: 2 }],
    });
    await outcomeOf(await clientAt(server.url).stream(request()));
    expect(server.requests[0]?.header("accept-encoding")).toBeUndefined();
    const own = [["accept-encoding", "identity"]] as const;
    const client = clientAt(server.url, {}, { requestFormat: FORMAT });
    await outcomeOf(await client.stream(request(), { headers: own }));
    expect(server.requests[1]?.header("accept-encoding")).toBe("identity");
  });
});
