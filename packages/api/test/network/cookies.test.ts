import { describe, expect, test } from "vitest";
import { CloudflareCookieJar } from "@codex-ts/api";
import { messageExchange, startResponsesServer } from "@codex-ts/responses-server";
import { manualClock } from "@codex-ts/test-support";
import { Agent } from "undici";
import { clientAt, outcomeOf, request } from "../support/client.ts";
import { serverTls, tlsText } from "../support/tls.ts";

const chat = new URL("https://chatgpt.com/backend-api/codex/responses");

function jarWith(url: URL, ...setCookies: string[]): CloudflareCookieJar {
  const jar = new CloudflareCookieJar();
  jar.store(url, setCookies);
  return jar;
}

describe("[api/J4] which cookies are kept", () => {
  test.each([
    "__cf_bm",
    "__cflb",
    "__cfruid",
    "__cfseq",
    "__cfwaitingroom",
    "_cfuvid",
    "cf_clearance",
    "cf_ob_info",
    "cf_use_ob",
    "cf_chl_rc_i",
  ])("%s is", (name) => {
    expect(jarWith(chat, `${name}=v; Path=/; Secure`).headerFor(chat)).toBe(`${name}=v`);
  });

  test.each([
    "session=v",
    "__Secure-next-auth.session-token=v",
    "__cf_bmx=v",
    "CF_clearance=v",
    "cf_ch=v",
    "=v",
    "cf_clearance",
    "cf_clearance=a\r\nx: y",
    "",
  ])("%j is not", (setCookie) => {
    expect(jarWith(chat, setCookie).headerFor(chat)).toBeUndefined();
  });
});

describe("[api/J4] for which URLs", () => {
  test.each([
    ["https://chatgpt.com/", true],
    ["https://chat.openai.com/", true],
    ["https://chatgpt-staging.com/", true],
    ["https://api.chatgpt.com/", true],
    ["https://a.b.chatgpt-staging.com/", true],
    ["https://chatgpt.com:8443/", true],
    ["http://chatgpt.com/", false],
    ["https://notchatgpt.com/", false],
    ["https://chatgpt.com.evil.example/", false],
    ["https://api.chat.openai.com/", false],
    ["https://openai.com/", false],
    ["https://api.openai.com/", false],
    ["https://127.0.0.1/", false],
  ])("%s: %s", (text, allowed) => {
    const url = new URL(text);
    expect(jarWith(url, "cf_clearance=v").headerFor(url)).toBe(
      allowed ? "cf_clearance=v" : undefined,
    );
  });

  const sub = new URL("https://api.chatgpt.com/x/y");

  test.each([
    [chat, "cf_clearance=v", sub, false],
    [chat, "cf_clearance=v; Domain=chatgpt.com; Path=/", sub, true],
    [chat, "cf_clearance=v; Domain=.chatgpt.com; Path=/", sub, true],
    [sub, "cf_clearance=v; Domain=chatgpt.com; Path=/", chat, true],
    [sub, "cf_clearance=v; Domain=other.chatgpt.com; Path=/", sub, false],
    [sub, "cf_clearance=v; Domain=com; Path=/", sub, false],
    [sub, "cf_clearance=v", new URL("https://api.chatgpt.com/x/z"), true],
    [sub, "cf_clearance=v", new URL("https://api.chatgpt.com/xx"), false],
    [sub, "cf_clearance=v; Path=/x/y", new URL("https://api.chatgpt.com/x/y/z"), true],
    [sub, "cf_clearance=v; Path=/", new URL("https://api.chatgpt.com/other"), true],
  ])("set by %s with %s, sent to %s: %s", (from, setCookie, to, sent) => {
    expect(jarWith(from, setCookie).headerFor(to)).toBe(sent ? "cf_clearance=v" : undefined);
  });

  test("a cookie ends when it says", () => {
    const clock = manualClock();
    const jar = new CloudflareCookieJar({ now: clock.now });
    jar.store(chat, [
      "__cf_bm=a; Max-Age=60; Path=/",
      `_cfuvid=b; Expires=${new Date(clock.now() + 120_000).toUTCString()}; Path=/`,
      "cf_clearance=c; Path=/",
    ]);
    expect(jar.headerFor(chat)).toBe("__cf_bm=a; _cfuvid=b; cf_clearance=c");
    clock.advance(61_000);
    expect(jar.headerFor(chat)).toBe("_cfuvid=b; cf_clearance=c");
    clock.advance(61_000);
    expect(jar.headerFor(chat)).toBe("cf_clearance=c");
    jar.store(chat, ["cf_clearance=; Max-Age=0; Path=/"]);
    expect(jar.headerFor(chat)).toBeUndefined();
  });

  test("a newer value replaces the older", () => {
    expect(jarWith(chat, "__cf_bm=a", "__cf_bm=b").headerFor(chat)).toBe("__cf_bm=b");
  });
});

/** Reaches every host on this machine. */
function loopbackAgent(): Agent {
  return new Agent({
    connect: {
      ca: tlsText("ca.pem"),
      lookup: (_host, _options, done) => done(null, [{ address: "127.0.0.1", family: 4 }]),
    },
  });
}

test("[api/J4] a cookie that a redirect sets replaces the older one on the next hop", async () => {
  await using server = await startResponsesServer({
    tls: serverTls,
    script: [
      {
        status: 307,
        headers: { location: "/v1/next", "set-cookie": "__cf_bm=new; Path=/" },
        body: null,
      },
      { ...messageExchange("hi"), path: "/next" },
    ],
  });
  const dispatcher = loopbackAgent();
  const cookies = new CloudflareCookieJar();
  const base = server.url.replace("127.0.0.1", "chatgpt.com");
  cookies.store(new URL(base), ["__cf_bm=old; Path=/"]);
  await outcomeOf(await clientAt(base, {}, { dispatcher, cookies }).stream(request()));
  expect(server.requests.map((received) => received.header("cookie"))).toEqual([
    "__cf_bm=old",
    "__cf_bm=new",
  ]);
  await dispatcher.close();
});

test("[api/J4] a cookie header of the caller is left alone", async () => {
  await using server = await startResponsesServer({
    tls: serverTls,
    script: [messageExchange("hi")],
  });
  const dispatcher = loopbackAgent();
  const cookies = new CloudflareCookieJar();
  const base = server.url.replace("127.0.0.1", "chatgpt.com");
  cookies.store(new URL(base), ["__cf_bm=kept; Path=/"]);
  const client = clientAt(base, {}, { dispatcher, cookies });
  await outcomeOf(await client.stream(request(), { headers: [["cookie", "own=1"]] }));
  expect(server.requests[0]?.headers.filter(([name]) => name === "cookie")).toEqual([
    ["cookie", "own=1"],
  ]);
  await dispatcher.close();
});

test("[api/J4] over real requests to ChatGPT hosts, and not to others", async () => {
  await using server = await startResponsesServer({
    tls: serverTls,
    script: [
      {
        ...messageExchange("hi"),
        headers: { "set-cookie": ["cf_clearance=kept; Path=/", "session=dropped; Path=/"] },
        repeat: Infinity,
      },
    ],
  });
  const dispatcher = loopbackAgent();
  const cookies = new CloudflareCookieJar();
  for (const host of ["chatgpt.com", "chatgpt.com", "notchatgpt.com", "notchatgpt.com"]) {
    const base = server.url.replace("127.0.0.1", host);
    await outcomeOf(await clientAt(base, {}, { dispatcher, cookies }).stream(request()));
  }
  expect(server.requests.map((received) => received.header("cookie"))).toEqual([
    undefined,
    "cf_clearance=kept",
    undefined,
    undefined,
  ]);
  await dispatcher.close();
});
