import type { ThreadOptions, TurnFailure } from "@codex-ts/core";
import { describe, expect, test } from "vitest";
import { failureText } from "../src/failure-text.ts";

const provider = {
  id: "mine",
  info: {
    name: "mine",
    baseUrl: "http://user:secret@host/v1?key=secret",
    requiresOpenaiAuth: false,
  },
} as unknown as ThreadOptions["provider"];

const textOf = (failure: Omit<TurnFailure, "code">): Promise<string> =>
  failureText({ code: "x", ...failure }, { provider, commandName: "codex-ts" });

const FACTS = { status: 500, serverMessage: "out of memory", upstreamRequestId: "req_1" };

describe("the last line of a failed run", () => {
  test.each<[string, Omit<TurnFailure, "code">, string]>([
    [
      "tells what the message leaves out",
      { message: "an internal error", ...FACTS },
      "an internal error, status: 500, server message: out of memory, request id: req_1",
    ],
    [
      "repeats nothing",
      { message: "unexpected status 500 X: out of memory, request id: req_1", ...FACTS },
      "unexpected status 500 X: out of memory, request id: req_1",
    ],
    [
      "adds the id alone",
      { message: "the model is overloaded (503)", status: 503, upstreamRequestId: "req_1" },
      "the model is overloaded (503), request id: req_1",
    ],
    [
      "takes a number within another for another",
      { message: "15000 ms", status: 500 },
      "15000 ms, status: 500",
    ],
    ["adds nothing where nothing is known", { message: "stream closed" }, "stream closed"],
    [
      "shows the message of a JSON body",
      { message: '{"error":{"message":"bad header","code":1}}', status: 400 },
      "bad header, status: 400",
    ],
    [
      "is one line",
      { message: "a\n\tb", serverMessage: "c\r\nd", status: 5 },
      "a b, status: 5, server message: c d",
    ],
    [
      "obeys no terminal",
      { message: "a\u001b[2Jb", serverMessage: "\u009b1mc" },
      "ab, server message: c",
    ],
    [
      "names the address nobody listens at, without its credentials",
      { message: "connect ECONNREFUSED", unreachable: "refused" },
      "connect ECONNREFUSED; check base_url of model provider mine (http://host/v1)",
    ],
    [
      "names a website, and no markup",
      {
        message:
          "unexpected status 404 Not Found: <!DOCTYPE html>\n<title>Hi</title>, url: u, request id: r",
        status: 404,
        unreachable: "website",
      },
      'unexpected status 404 Not Found: a web page, "Hi", url: u, request id: r; base_url of model provider mine (http://host/v1) leads to a website, not to an API; those often end in /v1',
    ],
    [
      "names a page of a gateway, which is no website",
      { message: "unexpected status 502 Bad Gateway: <html><title>502</title>", status: 502 },
      'unexpected status 502 Bad Gateway: a web page, "502"',
    ],
  ])("[cli/failure-line] %s", async (_what, failure, line) => {
    expect(await textOf(failure)).toBe(line);
  });

  test("[cli/failure-line] keeps its facts behind a message that fills the screen", async () => {
    const line = await textOf({ message: "x".repeat(100_000), ...FACTS });
    expect(line.length).toBeLessThan(4000);
    expect(line).toMatch(/status: 500, server message: out of memory, request id: req_1$/);
  });
});
