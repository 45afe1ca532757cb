import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import type { Compatibility, JsonObject } from "@codex-ts/protocol";
import { waitFor } from "@codex-ts/test-support";

/** A message of a server. */
export interface ServerMessage {
  readonly id?: number;
  readonly method?: string;
  readonly params?: JsonObject;
  readonly result?: JsonObject;
  readonly error?: JsonObject;
}

/** All that a client saw: the responses by label, and the notifications in order. */
export interface Transcript {
  readonly responses: ReadonlyMap<string, JsonObject>;
  readonly notifications: readonly ServerMessage[];
}

const TURN_MS = 60_000;

/** Calls every method of ours on one program, one after the other, and returns what came back. */
export async function callEveryMethod(
  program: { readonly command: readonly string[]; readonly env: NodeJS.ProcessEnv },
  { cwd, compatibility }: { readonly cwd: string; readonly compatibility: Compatibility },
): Promise<Transcript> {
  const client = new Client(program, cwd);
  try {
    await play(client, cwd, compatibility);
    return client;
  } finally {
    await client.leave();
  }
}

async function play(client: Client, cwd: string, compatibility: Compatibility): Promise<void> {
  await client.call("too early", "model/list", {});
  const clientInfo = { name: "every-method", title: null, version: "1.0.0" };
  const capabilities = { experimentalApi: true };
  await client.call("initialize", "initialize", { clientInfo, capabilities });
  client.send({ method: "initialized" });
  await client.call("initialize again", "initialize", { clientInfo });
  await client.call("model/list", "model/list", {});
  const settings = { cwd, approvalPolicy: "never", sandbox: "danger-full-access" };
  const started = await client.call("thread/start", "thread/start", settings);
  const threadId = idOf(started["thread"]);
  const text = (words: string) => [{ type: "text", text: words, text_elements: [] }];
  await client.call("no turn to interrupt", "turn/interrupt", { threadId, turnId: "none" });
  const steering = { threadId, expectedTurnId: "none", input: text("x") };
  await client.call("no turn to steer", "turn/steer", steering);
  const stranger = "01a1fa2c-0de2-7da3-b2e1-9642ce10eb20";
  await client.call("unknown thread", "turn/start", { threadId: stranger, input: text("x") });
  await client.call("nothing to resume", "thread/resume", { threadId: stranger });
  await client.turn("turn: one", { threadId, input: text("one") });
  await client.turn("turn: tool", { threadId, input: text("two") });
  const last = await client.turn("turn: three", { threadId, input: text("three") });
  await client.call("thread/name/set", "thread/name/set", { threadId, name: "A name" });
  await client.call("empty name", "thread/name/set", { threadId, name: " " });
  await client.call("thread/read", "thread/read", { threadId, includeTurns: true });
  await client.call("thread/turns/list", "thread/turns/list", { threadId });
  await client.call("thread/list", "thread/list", {});
  await client.call("thread/loaded/list", "thread/loaded/list", {});
  await client.call("skills/list", "skills/list", {});
  await client.call("account/read", "account/read", {});
  await client.call("getAuthStatus", "getAuthStatus", {});
  await client.call("mcpServerStatus/list", "mcpServerStatus/list", {});
  await client.ending("thread/shellCommand", { threadId, command: "echo user" });
  if (compatibility === "0.140") {
    await client.call("taken back", "thread/rollback", { threadId, numTurns: 1 });
  } else {
    await client.call("taken back", "thread/revert", { threadId, beforeTurnId: last });
  }
  await client.call("thread/fork", "thread/fork", { threadId });
  await client.ending("thread/compact/start", { threadId });
  await client.call("thread/unsubscribe", "thread/unsubscribe", { threadId });
  await client.call("thread/resume", "thread/resume", { threadId });
  await client.call("thread/archive", "thread/archive", { threadId });
  await client.call("thread/list archived", "thread/list", { archived: true });
  await client.call("thread/unarchive", "thread/unarchive", { threadId });
}

class Client implements Transcript {
  readonly responses: Map<string, JsonObject> = new Map();
  readonly notifications: ServerMessage[] = [];
  readonly #child: ChildProcess;
  readonly #answers = new Map<number, ServerMessage>();
  #nextId = 0;
  #text = "";

  constructor(
    { command, env }: { readonly command: readonly string[]; readonly env: NodeJS.ProcessEnv },
    cwd: string,
  ) {
    const [program = "", ...args] = command;
    this.#child = spawn(program, args, { cwd, env, stdio: ["pipe", "pipe", "ignore"] });
    this.#child.stdin?.on("error", () => {});
    this.#child.stdout?.setEncoding("utf8").on("data", (text: string) => this.#take(text));
  }

  send(message: object): void {
    this.#child.stdin?.write(`${JSON.stringify(message)}\n`);
  }

  /** The result, or an empty object for an error. */
  async call(label: string, method: string, params: object): Promise<JsonObject> {
    this.#nextId += 1;
    const id = this.#nextId;
    this.send({ id, method, params });
    const answer = await waitFor(() => this.#answers.get(id), { timeoutMs: TURN_MS, what: label });
    this.responses.set(label, answer.result ?? { error: answer.error ?? {} });
    return answer.result ?? {};
  }

  /** Runs a turn to its end and returns its id. */
  async turn(label: string, params: object): Promise<string> {
    const turnId = idOf((await this.call(label, "turn/start", params))["turn"]);
    await this.#ended(label, turnId);
    return turnId;
  }

  /** Calls a method that begins a turn of its own, and waits for its end. */
  async ending(method: string, params: object): Promise<void> {
    const ends = this.#ends();
    await this.call(method, method, params);
    await waitFor(() => this.#ends() > ends, { timeoutMs: TURN_MS, what: method });
  }

  async leave(): Promise<void> {
    const exited = once(this.#child, "exit");
    this.#child.stdin?.end();
    await exited;
  }

  #ends(): number {
    return this.notifications.filter(({ method }) => method === "turn/completed").length;
  }

  async #ended(what: string, turnId: string): Promise<void> {
    const isEnd = ({ method, params }: ServerMessage): boolean =>
      method === "turn/completed" && idOf(params?.["turn"]) === turnId;
    await waitFor(() => this.notifications.some(isEnd), { timeoutMs: TURN_MS, what });
  }

  #take(text: string): void {
    this.#text += text;
    const lines = this.#text.split("\n");
    this.#text = lines.pop() ?? "";
    for (const line of lines) {
      const message = JSON.parse(line) as ServerMessage;
      if (message.method !== undefined) this.notifications.push(message);
      else if (message.id !== undefined) this.#answers.set(message.id, message);
    }
  }
}

function idOf(value: unknown): string {
  return (value as { readonly id?: string } | undefined)?.id ?? "";
}
