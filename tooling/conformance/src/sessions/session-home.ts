import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { cp, mkdir, mkdtemp, realpath, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { Compatibility, JsonObject } from "@codex-ts/protocol";
import { startResponsesServer } from "@codex-ts/responses-server";
import type { ResponsesServer } from "@codex-ts/responses-server";
import { type ComparableRun, toComparable } from "../compare/comparable.ts";
import { observeServer } from "../compare/observe-server.ts";
import { replaceIds } from "../compare/replace-ids.ts";
import { writeHome, writeWorkspace } from "../programs/home.ts";
import type { Program } from "../programs/program.ts";
import { type StartedProcess, runProcess } from "../programs/process.ts";
import { execCommand, programEnvironment } from "../programs/run-program.ts";
import { revertTurns } from "./revert-turns.ts";
import type { SessionRun, SessionScenario } from "./session-scenario.ts";

/** How one run of a program went. */
export interface PlayedRun {
  readonly comparable: ComparableRun;
  readonly exitCode: number | null;
  readonly threadId: string | undefined;
  /** Whether the thread is the one that was to go on, or another one where that was wanted. */
  readonly isRightThread: boolean;
  /** Number of session files afterwards. */
  readonly files: number;
  readonly stdout: string;
  readonly stderr: string;
  readonly unexpected: readonly string[];
}

/** A home and a working directory in which a session goes on from run to run. Disposing removes both. */
export class SessionHome implements AsyncDisposable {
  readonly #root: string;
  readonly #scenario: SessionScenario;
  readonly #compatibility: Compatibility;
  #threadId: string | undefined;

  private constructor(root: string, scenario: SessionScenario, compatibility: Compatibility) {
    this.#root = root;
    this.#scenario = scenario;
    this.#compatibility = compatibility;
  }

  static async create(
    scenario: SessionScenario,
    compatibility: Compatibility,
  ): Promise<SessionHome> {
    const root = await realpath(await mkdtemp(join(tmpdir(), "sessions-")));
    await mkdir(join(root, "home"));
    await mkdir(join(root, "workspace"));
    await writeWorkspace(join(root, "workspace"), scenario);
    await writeWorkspace(join(root, "home"), { files: scenario.homeFiles ?? {} });
    return new SessionHome(root, scenario, compatibility);
  }

  get home(): string {
    return join(this.#root, "home");
  }

  /** The session files, those begun first first. */
  get files(): string[] {
    const sessions = join(this.home, "sessions");
    return readdirSync(sessions, { recursive: true })
      .map(String)
      .filter((name) => name.endsWith(".jsonl"))
      .toSorted()
      .map((name) => join(sessions, name));
  }

  /** The lines of a session file as JSON. Throws for one that is none. */
  lines(file: string): JsonObject[] {
    return readFileSync(file, "utf8")
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => JSON.parse(line) as JsonObject);
  }

  get workspace(): string {
    return join(this.#root, "workspace");
  }

  /** Keeps the state of the home, to come back to it. */
  async keep(): Promise<() => Promise<void>> {
    const kept = join(this.#root, "kept");
    await cp(this.home, kept, { recursive: true, dereference: false });
    const threadId = this.#threadId;
    return async () => {
      await rm(this.home, { recursive: true, maxRetries: 5 });
      await cp(kept, this.home, { recursive: true });
      this.#threadId = threadId;
    };
  }

  /** Has a program make one run, against a server of its own. */
  async play(program: Program, run: SessionRun): Promise<PlayedRun> {
    await using server = await startResponsesServer({ script: run.script });
    await writeHome(this.home, {
      ...this.#scenario,
      baseUrl: server.url,
      compatibility: this.#compatibility,
    });
    this.#change(this.#scenario);
    await writeWorkspace(this.workspace, { files: run.files ?? {} });
    const result = await this.#spawn(program, run, server);
    const [first = "{}"] = result.stdout.split("\n");
    const { thread_id: threadId } = JSON.parse(first || "{}") as { thread_id?: string };
    const isNew = run.how === "new" || run.how === "fork";
    const isRightThread = threadId !== undefined && isNew === (threadId !== this.#threadId);
    this.#threadId ??= threadId;
    const observed = { ...observeServer(server), exitCode: result.exitCode, events: [] };
    const places = { workspace: this.workspace, host: `${server.host}:${server.port}` };
    return {
      ...result,
      comparable: toComparable(replaceIds(observed, places)),
      threadId,
      isRightThread,
      files: this.files.length,
      unexpected: server.unexpectedRequests.map(({ reason }) => reason),
    };
  }

  /** Puts what is peculiar to the scenario into the configuration. */
  #change({ providerName = "mock", hasSkills = false }: SessionScenario): void {
    const config = join(this.home, "config.toml");
    const text = readFileSync(config, "utf8")
      .replace('name = "mock"', `name = ${JSON.stringify(providerName)}`)
      .replace("include_instructions = false", `include_instructions = ${hasSkills}`);
    writeFileSync(config, text);
  }

  async #spawn(
    program: Program,
    run: SessionRun,
    server: ResponsesServer,
  ): Promise<Pick<PlayedRun, "exitCode" | "stdout" | "stderr">> {
    if (run.how === "revert") return this.#revert(program, run);
    const command = execCommand(program, {
      prompt: run.prompt,
      continuation: continuation(run, this.#threadId ?? ""),
      cwd: join(this.workspace, run.directory ?? ""),
      env: environment(this.home),
    });
    const images = (run.images ?? []).map((image) => join(this.workspace, image));
    const args = [...command.args, ...images.flatMap((image) => ["--image", image])];
    return runProcess({ ...command, args }, watcher(run, server));
  }

  async #revert(
    program: Program,
    { turns = 1 }: SessionRun,
  ): Promise<Pick<PlayedRun, "exitCode" | "stdout" | "stderr">> {
    const threadId = this.#threadId ?? "";
    const { home, workspace: cwd } = this;
    const compatibility = this.#compatibility;
    const places = { home, cwd, threadId };
    const { thread, error } = await revertTurns(program, { ...places, turns, compatibility });
    const { id } = (thread ?? {}) as { id?: string };
    return {
      exitCode: error === undefined ? 0 : 1,
      stdout: JSON.stringify({ thread_id: id }),
      stderr: JSON.stringify(error ?? null),
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.#root, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** What is done to a process on its way. */
function watcher(
  { isInterrupted = false, killedAtRequest }: SessionRun,
  server: ResponsesServer,
): ((child: StartedProcess) => void) | undefined {
  if (isInterrupted) return interruptWhenBegun;
  if (killedAtRequest === undefined) return undefined;
  return (child) => void killAtRequest(child, killedAtRequest, server);
}

/** Long enough for a program to read what it is sent at once, and to keep it, on a machine with much else to do. */
const TO_BE_KILLED_MS = 3000;

async function killAtRequest(
  child: StartedProcess,
  count: number,
  server: ResponsesServer,
): Promise<void> {
  while (server.requests.length < count && child.exitCode === null) await delay(20);
  await delay(TO_BE_KILLED_MS);
  child.kill("SIGKILL");
}

/** Sends SIGINT when the command of the first item is to be running. */
function interruptWhenBegun(child: StartedProcess): void {
  let stdout = "";
  child.stdout.on("data", (text: string) => {
    const hadBegun = stdout.includes("item.started");
    stdout += text;
    if (!hadBegun && stdout.includes("item.started")) setTimeout(() => child.kill("SIGINT"), 500);
  });
}

/** The zone is that of the machine, which Codex asks for: the first file one writes the other reads. */
function environment(home: string): Record<string, string> {
  const { TZ: _, ...env } = programEnvironment(home, undefined);
  return { ...env, CODEX_INTERNAL_ORIGINATOR_OVERRIDE: "codex_exec" };
}

function continuation({ how, model }: SessionRun, threadId: string): string[] {
  const chosen = model === undefined ? [] : ["-c", `model=${JSON.stringify(model)}`];
  return [...chosen, ...commandWords(how, threadId)];
}

function commandWords(how: SessionRun["how"], threadId: string): string[] {
  switch (how) {
    case "new":
      return [];
    case "resume":
    case "fork":
      return [how, threadId];
    case "revert":
      return [];
    case "resume_last":
      return ["resume", "--last"];
    default:
      return how satisfies never;
  }
}
