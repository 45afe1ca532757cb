import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { inspect } from "node:util";
import { constants, zstdDecompressSync } from "node:zlib";
import { trace } from "@opentelemetry/api";
import type { TracerProvider } from "@opentelemetry/api";
import { afterAll, expect, test } from "vitest";
import { ResponsesClient, ResponsesWebSocketClient, networkFromEnvironment } from "@codex-ts/api";
import type { TransportObserver } from "@codex-ts/api";
import { createThread } from "@codex-ts/core";
import type { ModelProvider } from "@codex-ts/model-provider";
import { openBundle, reduceBundle } from "@codex-ts/rollout-trace";
import { isLongForm, isSoak, seededRandom, temporaryDirectory } from "@codex-ts/test-support";
import { INSTALLATION_ID, collect, testModel } from "../support/harness.ts";
import { startEchoServer } from "./echo-server.ts";
import { ENCODINGS, holds } from "./encodings.ts";
import { FIELDS } from "./fields.ts";
import type { ResponseField } from "./fields.ts";
import { SOURCES } from "./sources.ts";
import type { CredentialSource } from "./sources.ts";

interface Combination {
  readonly source: CredentialSource;
  readonly field: ResponseField;
  readonly encoding: string;
}

/** The source whose credentials are tried in every encoding. The others enter the same set. */
const [FULL_SOURCE] = SOURCES;

const everyCombination: readonly Combination[] = SOURCES.flatMap((source) =>
  FIELDS.filter((field) => isPossible(source, field)).flatMap((field) => {
    const all = field.encodings ?? Object.keys(ENCODINGS);
    const isProxy = source.proxy !== undefined;
    const tried = source === FULL_SOURCE ? all : isProxy ? all.slice(0, 4) : all.slice(0, 1);
    return tried.map((encoding) => ({ source, field, encoding }));
  }),
);

/** A tunnel is opened by a proxy, and only for WebSockets. */
function isPossible(source: CredentialSource, field: ResponseField): boolean {
  if (source.isHttpOnly === true && field.transport !== "http") return false;
  return field.transport !== "connect" || source.proxy !== undefined;
}

/** Each source, each field and each encoding is in it. */
function shortForm(): Combination[] {
  const taken = new Set<string>();
  const isNew = ({ source, field, encoding }: Combination): boolean => {
    const names = [source.name, field.name, encoding];
    if (names.every((name) => taken.has(name))) return false;
    for (const name of names) taken.add(name);
    return true;
  };
  // Every source begins with the same fields, so that they are taken from all over the list; then what is left over.
  const spread = everyCombination.filter(
    (each, at) =>
      (at % 7 === 0 || each.source === FULL_SOURCE || !taken.has(each.source.name)) && isNew(each),
  );
  return [...spread, ...everyCombination.filter(isNew)];
}

/** Everything that somebody may get to see of a run, by where it is. */
type Output = Readonly<Record<string, string>>;

const spans: unknown[] = [];
trace.setGlobalTracerProvider({
  getTracer: () => ({
    startSpan: (name: string, options: object) => {
      const span = {
        spanContext: () => ({ traceId: "1".repeat(32), spanId: "1".repeat(16), traceFlags: 1 }),
        setAttributes: (attributes: object) => spans.push(attributes),
        setStatus: (status: object) => spans.push(status),
        end: () => {},
      };
      spans.push(name, options);
      return span;
    },
  }),
} as unknown as TracerProvider);
afterAll(() => trace.disable());

function recordingObserver(reports: unknown[]): TransportObserver {
  const note = (report: unknown): void => void reports.push(report);
  return {
    onAttemptStarted: note,
    onAttemptRedirected: note,
    onAttemptResponded: note,
    onStreamPolled: note,
    onAttemptEnded: note,
  };
}

const shown = (value: unknown): string =>
  `${inspect(value, { depth: 12, maxStringLength: null, maxArrayLength: null })}\n${JSON.stringify(value)}`;

async function run(
  { source, field, encoding }: Combination,
  random: string,
): Promise<{ readonly output: Output; readonly received: string; readonly mark: string }> {
  await using directory = await temporaryDirectory();
  await using server = await startEchoServer();
  const mark = source.mark(random);
  const scene = { port: server.port, mark, home: join(directory.path, "home") };
  server.reply = field.reply(ENCODINGS[encoding]?.(mark) ?? "");
  spans.length = 0;
  const provider = await source.provider(scene);
  const isWebSocket = field.transport !== "http";
  const network = networkFromEnvironment(source.proxy?.(scene) ?? {});
  const reports: unknown[] = [];
  const thread = await createThread({
    provider: { ...provider, info: { ...provider.info, supportsWebsockets: isWebSocket } },
    model: testModel(),
    cwd: directory.path,
    installationId: INSTALLATION_ID,
    env: { PATH: process.env["PATH"], HOME: directory.path },
    trace: { root: join(directory.path, "traces"), schemaVersion: 3, wireLog: "frames" },
    includePermissionsInstructions: false,
    network,
    sleep: async () => {},
    observeTransport: () => recordingObserver(reports),
  });
  const turn = await collect(thread.runTurn("hello"));
  await thread.close();
  const state = await reduceBundle(openBundle(thread.bundlePath ?? ""));
  const failure = await directFailure(provider, network, isWebSocket);
  await network.dispatcher.destroy();
  return {
    mark,
    received: server.received(),
    output: {
      ...filesIn(directory.path),
      turn: shown(turn),
      state: shown(state),
      reports: shown(reports),
      spans: shown(spans),
      failure: shown(failure),
      stack: failure instanceof Error ? String(failure.stack) : "",
    },
  };
}

/** What a caller of the transport gets: everything of a response, and the error it ends in. */
async function directFailure(
  provider: ModelProvider,
  network: ReturnType<typeof networkFromEnvironment>,
  isWebSocket: boolean,
): Promise<unknown> {
  const options = {
    provider: await provider.apiProvider(),
    auth: await provider.apiAuth(),
    dispatcher: network.dispatcher,
    network,
  };
  const body = { ...REQUEST };
  const seen: unknown[] = [];
  try {
    if (isWebSocket) {
      await using connection = await new ResponsesWebSocketClient(options).connect();
      seen.push(connection.handshake);
      const frame = { type: "response.create", ...body } as never;
      for await (const event of await connection.stream(frame)) seen.push(event);
    } else {
      for await (const event of await new ResponsesClient(options).stream(body)) seen.push(event);
    }
  } catch (error) {
    return Object.assign(error as Error, { seen });
  }
  return seen;
}

const REQUEST = {
  model: "gpt-mock",
  instructions: "",
  input: [],
  tools: [],
  tool_choice: "auto",
  parallel_tool_calls: true,
  reasoning: null,
  store: false,
  stream: true,
  include: [],
} as const;

/** Every file but the login, shards decompressed. */
function filesIn(folder: string): Output {
  return Object.fromEntries(
    readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && entry.name !== "auth.json")
      .map((entry) => {
        const path = join(entry.parentPath, entry.name);
        return [path.slice(folder.length), textOf(readFileSync(path))];
      }),
  );
}

const ZSTD_MAGIC = Buffer.from([0x28, 0xb5, 0x2f, 0xfd]);

function textOf(bytes: Buffer): string {
  const isCompressed = bytes.subarray(0, 4).equals(ZSTD_MAGIC);
  const plain = isCompressed
    ? zstdDecompressSync(bytes, { finishFlush: constants.ZSTD_e_flush })
    : bytes;
  return plain.toString("latin1");
}

test("the marks are found where they are, in every encoding", () => {
  for (const encode of Object.values(ENCODINGS)) {
    expect(holds(`<${encode("sk-0123456789abcdef")}>`, "0123456789abcdef")).toBe(true);
  }
  expect(holds("0123456789abcde", "0123456789abcdef")).toBe(false);
});

test(
  "[core/S1] no credential leaves but in its request, wherever a server repeats it",
  { timeout: 1_800_000 },
  async () => {
    const random = seededRandom(15);
    const combinations = combinationsOfForm();
    const leaks: string[] = [];
    const unsent: string[] = [];
    const unseen = new Set(FIELDS.filter((field) => !field.isUnseen).map(({ name }) => name));
    for (const combination of combinations) {
      const { source, field, encoding } = combination;
      const name = `${source.name} / ${field.name} / ${encoding}`;
      const value = randomText(random);
      const { output, received, mark } = await run(combination, value);
      const places = Object.keys(output).filter((place) => holds(output[place] ?? "", value));
      if (places.length > 0) leaks.push(`${name}: ${places.join(", ")}`);
      if (Object.values(output).some((text) => text.includes("redacted")))
        unseen.delete(field.name);
      const sent = source.sent?.(mark);
      const isExpected = sent !== undefined && field.transport === "http";
      if (isExpected && !received.includes(sent)) unsent.push(name);
    }
    expect(leaks).toEqual([]);
    expect(unsent).toEqual([]);
    // What a field brings must get far enough to be seen, or nothing is proven.
    expect([...unseen]).toEqual([]);
    expect(combinations.length).toBeGreaterThan(isSoak ? 1400 : 60);
  },
);

/** All of them take many minutes. */
function combinationsOfForm(): readonly Combination[] {
  if (isSoak) return everyCombination;
  return isLongForm
    ? [...shortForm(), ...everyCombination.filter((_, index) => index % 16 === 5)]
    : shortForm();
}

/** 24 letters and digits: they occur nowhere by chance. */
function randomText(random: () => number): string {
  const letters = "abcdefghijkmnopqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789";
  return `q7${Array.from({ length: 22 }, () => letters[Math.floor(random() * letters.length)]).join("")}`;
}
