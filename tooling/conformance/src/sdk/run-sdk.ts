import { chmod, mkdir, mkdtemp, realpath, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { type Compatibility, isJsonObject } from "@codex-ts/protocol";
import type { JsonObject, JsonValue } from "@codex-ts/protocol";
import { type ReceivedRequest, startResponsesServer } from "@codex-ts/responses-server";
import { Codex } from "@openai/codex-sdk";
import { Codex as OldCodex } from "codex-sdk-0.140";
import { replaceOwnWords } from "../compare/own-words.ts";
import { writeHome } from "../programs/home.ts";
import { type Program, ownCodex } from "../programs/program.ts";
import { programEnvironment } from "../programs/run-program.ts";
import type { SdkScenario, SdkVersion } from "./sdk-scenario.ts";

const CLIENTS: Readonly<Record<SdkVersion, typeof Codex>> = {
  "0.163.0": Codex,
  "0.140.0": OldCodex as unknown as typeof Codex,
};

/** Ours as the program of a generation, told so before the arguments of the SDK. */
export function ownOfGeneration(
  compatibility: Compatibility,
  options: Parameters<typeof ownCodex>[0] = { from: "source" },
): Program {
  const own = ownCodex(options);
  return { ...own, args: [...own.args, "-c", `compatibility="${compatibility}"`] };
}

/** The run of one scenario, without what differs from run to run. */
export interface SdkRun {
  /** What the SDK told: events, results, errors. */
  readonly told: JsonValue;
  /** What its options became. */
  readonly requests: readonly JsonObject[];
  /** Requests the script did not foresee. */
  readonly unexpected: readonly string[];
}

/** Has the SDK of a version drive a program, against a server of its own, in a home and a directory of its own. */
export async function runSdk(
  program: Program,
  scenario: SdkScenario,
  { sdk, compatibility }: { readonly sdk: SdkVersion; readonly compatibility: Compatibility },
): Promise<SdkRun> {
  await using server = await startResponsesServer({ script: scenario.script });
  const root = await realpath(await mkdtemp(join(tmpdir(), "conformance-sdk-")));
  try {
    const home = join(root, "home");
    const workspace = join(root, "workspace");
    for (const folder of [home, workspace]) await mkdir(folder);
    await writeFile(join(workspace, "dot.png"), DOT);
    await writeHome(home, { compatibility, baseUrl: server.url });
    const codexPathOverride = await writeLauncher(program, root);
    const told = await scenario.drive({
      codex: (options) =>
        new CLIENTS[sdk]({
          codexPathOverride,
          env: { ...programEnvironment(home, undefined), ...program.env },
          ...options,
        }),
      workspace,
      serverUrl: server.url,
      requested: async () => {
        while (server.requests.length === 0) await delay(POLL_MS);
      },
    });
    // Whether a connection is warmed up before the turn begins is a matter of time.
    const requests = server.requests.map(requestFacts).filter(({ kind }) => kind !== "prewarm");
    const neutral = new Neutral(root, server.host, server.port);
    return {
      told: neutral.of(told),
      requests: neutral.of(
        scenario.isParallel === true
          ? requests.toSorted((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1))
          : requests,
      ) as JsonObject[],
      unexpected: server.unexpectedRequests.map(({ reason }) => reason),
    };
  } finally {
    await rm(root, { recursive: true, force: true, maxRetries: 5 });
  }
}

const POLL_MS = 20;

/** One red dot. */
const DOT = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==",
  "base64",
);

/** The SDK starts one file, without arguments before its own. */
async function writeLauncher({ command, args }: Program, root: string): Promise<string> {
  const file = join(root, "codex");
  const words = [command, ...args].map((word) => `'${word}'`).join(" ");
  await writeFile(file, `#!/bin/sh\nexec ${words} "$@"\n`);
  await chmod(file, 0o700);
  return file;
}

/** What options of the SDK decide in a request. */
function requestFacts(request: ReceivedRequest): JsonObject {
  const body = isJsonObject(request.body) ? request.body : {};
  const flat = isJsonObject(body["client_metadata"]) ? body["client_metadata"] : {};
  const text = flat["x-codex-turn-metadata"];
  const blob = (typeof text === "string" ? JSON.parse(text) : {}) as JsonObject;
  const input = Array.isArray(body["input"]) ? (body["input"] as JsonObject[]) : [];
  const said = input.findLast((item) => item["role"] === "user");
  const {
    model = null,
    reasoning = null,
    text: format = null,
    access_programs: programs = null,
  } = body;
  return {
    originator: request.header("originator") ?? null,
    authorization: request.header("authorization") ?? null,
    model,
    reasoning,
    format,
    programs,
    kind: blob["request_kind"] ?? null,
    // 0.140 does not send the usual one (decision thread-source).
    threadSource: blob["thread_source"] === "user" ? null : (blob["thread_source"] ?? null),
    sandbox: blob["sandbox"] ?? null,
    said: said?.["content"] ?? null,
  };
}

/** Facts of ours beside Codex's message of a failure; Codex's readers skip them. */
const OWN_MEMBERS: ReadonlySet<string> = new Set([
  "status",
  "server_message",
  "upstream_request_id",
]);

const UUID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g;

/** Replaces ids by their number of appearance, places by names, and prose of each program by what it is about. */
class Neutral {
  readonly #ids = new Map<string, string>();
  readonly #places: readonly (readonly [string, string])[];

  constructor(root: string, host: string, port: number) {
    this.#places = [
      [root, "<root>"],
      [`${host}:${port}`, "<host>"],
    ];
  }

  of(value: unknown): JsonValue {
    if (typeof value === "string") return this.#text(value);
    if (Array.isArray(value)) return value.map((member) => this.of(member));
    if (typeof value !== "object" || value === null) return (value ?? null) as JsonValue;
    const isFailure = "message" in value;
    return Object.fromEntries(
      Object.entries(value)
        .filter(([name, member]) => member !== undefined && !(isFailure && OWN_MEMBERS.has(name)))
        .map(([name, member]) => [name, this.of(member)]),
    );
  }

  #text(value: string): string {
    const text = this.#places.reduce(
      (result, [place, name]) => result.replaceAll(place, name),
      value,
    );
    return replaceOwnWords(text.replace(UUID, (id) => this.#id(id)));
  }

  #id(id: string): string {
    const name = this.#ids.get(id) ?? `<id ${this.#ids.size + 1}>`;
    this.#ids.set(id, name);
    return name;
  }
}
