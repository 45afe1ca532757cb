import { readFileSync } from "node:fs";
import { get } from "node:https";
import {
  messageExchange,
  ResponsesServerError,
  startResponsesServer,
} from "@codex-ts/responses-server";
import { expect, test } from "vitest";
import { post, postForEvents } from "./support/post.ts";

function readPem(name: string): string {
  return readFileSync(new URL(`fixtures/tls/${name}`, import.meta.url), "utf8");
}

test("listens on loopback and says where", async () => {
  await using server = await startResponsesServer({ script: [] });
  expect(server.host).toBe("127.0.0.1");
  expect(server.port).toBeGreaterThan(0);
  expect(server.origin).toBe(`http://127.0.0.1:${server.port}`);
  expect(server.url).toBe(`${server.origin}/v1`);
});

test("serves below another base path", async () => {
  const script = [messageExchange("hi")];
  await using server = await startResponsesServer({ script, basePath: "/backend-api/codex/" });
  expect(server.url).toBe(`${server.origin}/backend-api/codex`);
  expect(await postForEvents(server)).toHaveLength(8);
  expect(server.unexpectedRequests).toEqual([]);
});

test("[responses-server/port-in-use] a port in use is one clear typed error", async () => {
  await using server = await startResponsesServer({ script: [] });
  const error: unknown = await startResponsesServer({ script: [], port: server.port }).catch(
    (thrown: unknown) => thrown,
  );
  expect(error).toMatchObject({ code: "port_in_use", port: server.port, host: "127.0.0.1" });
  expect(ResponsesServerError.is(error)).toBe(true);
  expect((error as Error).message).toBe(
    `port ${server.port} on 127.0.0.1 is already in use: stop the program that uses it, or choose another port (0 takes a free one)`,
  );
});

test("a port number out of range is a typed error", async () => {
  await expect(startResponsesServer({ script: [], port: 70_000 })).rejects.toMatchObject({
    code: "listen_failed",
  });
});

test.each(["0.0.0.0", "::", "192.0.2.1", "example.com"])(
  "[responses-server/loopback-only] refuses to listen on %s unless told so",
  async (host) => {
    await expect(startResponsesServer({ script: [], host })).rejects.toMatchObject({
      code: "host_not_loopback",
    });
  },
);

test("listens on any host when told so", async () => {
  await using server = await startResponsesServer({
    script: [],
    host: "0.0.0.0",
    reachableFrom: "any",
  });
  expect(server.port).toBeGreaterThan(0);
});

test("an error of another copy of the package is recognised by its brand, others are not", () => {
  const foreign = Object.assign(new Error("x"), {
    [Symbol.for("codex-ts.error.ResponsesServerError")]: true,
  });
  expect(ResponsesServerError.is(foreign)).toBe(true);
  expect(ResponsesServerError.is(new Error("x"))).toBe(false);
  expect(ResponsesServerError.is(undefined)).toBe(false);
});

test("close frees the port, ends open streams and may be called twice", async () => {
  const server = await startResponsesServer({ script: [{ events: [{ step: "hang" }] }] });
  const response = await post(server);
  await Promise.all([server.close(), server.close()]);
  await expect(response.body.text()).rejects.toMatchObject({ name: "HTTPParserError" });
  expect(server.exchanges[0]).toMatchObject({ state: "server-closed", clientGone: false });
  await using next = await startResponsesServer({ script: [], port: server.port });
  expect(next.port).toBe(server.port);
});

test("leaves no handle behind", async () => {
  const before = process.getActiveResourcesInfo().filter((kind) => kind.startsWith("TCP")).length;
  const server = await startResponsesServer({ script: [{ events: [{ step: "hang" }] }] });
  const response = await post(server);
  const reading = response.body.text().catch((error: unknown) => error);
  await server.close();
  expect(await reading).toBeInstanceOf(Error);
  const after = process.getActiveResourcesInfo().filter((kind) => kind.startsWith("TCP")).length;
  expect(after).toBeLessThanOrEqual(before);
});

test("serves TLS with a given certificate", async () => {
  await using server = await startResponsesServer({
    script: [{ method: "GET", path: "/models", body: { models: [] } }],
    tls: { key: readPem("key.pem"), cert: readPem("cert.pem") },
  });
  expect(server.url).toMatch(/^https:/);
  const text = await new Promise<string>((resolve, reject) => {
    get(`${server.url}/models`, { ca: readPem("cert.pem"), agent: false }, (response) => {
      response.setEncoding("utf8");
      response.on("data", resolve);
    }).on("error", reject);
  });
  expect(text).toBe('{"models":[]}');
});
