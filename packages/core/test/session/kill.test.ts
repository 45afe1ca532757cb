import { spawn } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { resumeThread } from "@codex-ts/core";
import {
  created,
  delay,
  functionCall,
  message,
  completed,
  reasoning,
} from "@codex-ts/responses-server";
import type { Exchange, ReceivedRequest } from "@codex-ts/responses-server";
import { isLongForm, isSoak, seededRandom, temporaryDirectory } from "@codex-ts/test-support";
import { INSTALLATION_ID, collect, testModel, testProvider } from "../support/harness.ts";
import { startResponsesServer } from "../support/server.ts";

const PROCESS = fileURLToPath(new URL("./children/kept-thread.ts", import.meta.url));
const KILLS = isSoak ? 50 : isLongForm ? 4 : 1;
/** As long as some five requests with their commands take. */
const LONGEST_LIFE_MS = 400;

interface Item {
  readonly type: string;
  readonly call_id?: string;
  readonly content?: readonly { readonly text?: string }[];
}

/** Three requests with tools, then a message, and so on; the last prompt is answered at once. */
const ENDLESS: Exchange = {
  repeat: Infinity,
  respond: (request) => {
    const input = inputOf(request);
    const id = `resp_${request.index}`;
    if (input.at(-1)?.content?.[0]?.text === "last") {
      return { events: [created(id), message("The end."), completed()] };
    }
    if (request.index % 4 === 3) {
      return { events: [created(id), delay(5), message("Done."), delay(5), completed()] };
    }
    const call = (n: number): ReturnType<typeof functionCall> =>
      functionCall(
        "exec_command",
        { cmd: `sleep 0.0${n + 1}; echo ${n}` },
        `call_${request.index}_${n}`,
      );
    return {
      events: [
        created(id),
        reasoning({ summary: ["Hm."], encryptedContent: "enc" }),
        delay(5),
        call(0),
        delay(5),
        call(1),
        completed(),
      ],
    };
  },
};

function inputOf(request: ReceivedRequest): readonly Item[] {
  return (request.body as unknown as { readonly input: readonly Item[] }).input;
}

const GENERATIONS = isLongForm ? (["0.171", "0.140"] as const) : (["0.171"] as const);

describe.each(GENERATIONS)("[core/F12] a thread of %s that is killed", (generation) => {
  const seed = Math.floor(Math.random() * 1e9);

  test(
    `resumes with its id and file, no line torn, each call paired (seed ${seed})`,
    async () => {
      await using directory = await temporaryDirectory();
      await using server = await startResponsesServer({ script: [ENDLESS] });
      const random = seededRandom(seed);
      let threadId: string | undefined;
      for (let kill = 0; kill < KILLS; kill += 1) {
        const args = [server.url, directory.path, generation, ...(threadId ? [threadId] : [])];
        const killed = await runAndKill(args, random() * LONGEST_LIFE_MS);
        threadId ??= killed;
        expect(killed).toBe(threadId);
        const thread = await resumeThread(threadId, {
          provider: testProvider(server.url),
          model: testModel(),
          cwd: directory.path,
          codexHome: directory.path,
          installationId: INSTALLATION_ID,
          compatibility: generation,
        });
        const events = await collect(thread.runTurn("last"));
        await thread.close();
        expect(events.at(-1)?.type).toBe("turnCompleted");
        expect(thread.threadId).toBe(threadId);
        expect(sessionFiles(directory.path)).toEqual([thread.sessionPath]);
        expectWholeLines(readFileSync(thread.sessionPath ?? "", "utf8"), generation);
        for (const request of server.requests) expectPairedCalls(inputOf(request));
      }
    },
    KILLS * 60_000,
  );
});

/** Starts the process, kills it some time after its first turn began, and returns the id of its thread. */
async function runAndKill(args: readonly string[], lifeMs: number): Promise<string> {
  const child = spawn(process.execPath, ["--conditions=@codex-ts/source", PROCESS, ...args], {
    stdio: ["ignore", "pipe", "pipe"],
    env: {
      PATH: process.env["PATH"],
      // Compiling the sources is most of the start.
      NODE_COMPILE_CACHE: join(tmpdir(), "codex-ts-test-compile-cache"),
    },
  });
  let [stdout, stderr] = ["", ""];
  child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
  const begun = new Promise<void>((resolve) => {
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      stdout += text;
      if (stdout.includes("turnStarted")) resolve();
    });
    child.on("close", () => resolve());
  });
  const ended = new Promise<void>((resolve) => child.on("close", () => resolve()));
  await begun;
  await new Promise((resolve) => setTimeout(resolve, lifeMs));
  child.kill("SIGKILL");
  await ended;
  expect({ signal: child.signalCode, stderr }).toEqual({ signal: "SIGKILL", stderr: "" });
  return stdout.split("\n")[0] ?? "";
}

function sessionFiles(home: string): string[] {
  const sessions = join(home, "sessions");
  return readdirSync(sessions, { recursive: true })
    .map(String)
    .filter((name) => name.endsWith(".jsonl"))
    .map((name) => join(sessions, name));
}

function expectWholeLines(text: string, generation: string): void {
  const lines = text.split("\n");
  expect(lines.pop()).toBe("");
  const ordinals = lines.map((line) => (JSON.parse(line) as { ordinal?: number }).ordinal);
  expect(ordinals).toEqual(lines.map((_, index) => (generation === "0.171" ? index : undefined)));
}

function expectPairedCalls(input: readonly Item[]): void {
  const ids = (type: string): (string | undefined)[] =>
    input.filter((item) => item.type === type).map((item) => item.call_id);
  const calls = ids("function_call");
  expect(new Set(ids("function_call_output"))).toEqual(new Set(calls));
  expect(ids("function_call_output")).toHaveLength(calls.length);
  expect(new Set(calls).size).toBe(calls.length);
}
