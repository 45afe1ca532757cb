import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import type { JsonObject } from "@codex-ts/protocol";
import { waitFor } from "@codex-ts/test-support";

/** A message of a server. */
export interface ServerMessage {
  /** Of requests and responses; requests of the server number as they like. */
  readonly id?: number | string;
  readonly method?: string;
  readonly params?: JsonObject;
  readonly result?: JsonObject;
  readonly error?: JsonObject;
}

/** All that a client saw: the responses by label, and notifications and requests of the server in order. */
export interface Transcript {
  readonly responses: ReadonlyMap<string, JsonObject>;
  readonly notifications: readonly ServerMessage[];
}

/** How long a turn, or anything else that is waited for, may take. */
export const TURN_MS = 45_000;

/** The members of a response to a request of the server; `undefined`: it is left without one. */
export type Answer = (
  request: ServerMessage,
) => { readonly result: object } | { readonly error: object } | undefined;

/** Drives an app server over its standard streams and writes down what comes back. */
export class Client implements Transcript {
  readonly responses: Map<string, JsonObject> = new Map();
  readonly notifications: ServerMessage[] = [];
  readonly #child: ChildProcess;
  readonly #answers = new Map<number | string, ServerMessage>();
  /** Decides what requests of the server are answered. */
  answer: Answer = () => undefined;
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

  /** Resolves with the first message of that method from place `from` on that `matches`. */
  async until(
    method: string,
    {
      from = 0,
      matches = () => true,
    }: { from?: number; matches?: (params: JsonObject) => boolean } = {},
  ): Promise<JsonObject> {
    const find = (): JsonObject | undefined =>
      this.notifications
        .slice(from)
        .find((each) => each.method === method && matches(each.params ?? {}))?.params;
    return waitFor(find, { timeoutMs: TURN_MS, what: method });
  }

  #heard(message: ServerMessage): void {
    this.notifications.push(message);
    if (message.id === undefined) return;
    const outcome = this.answer(message);
    if (outcome !== undefined) this.send({ id: message.id, ...outcome });
  }

  #take(text: string): void {
    this.#text += text;
    const lines = this.#text.split("\n");
    this.#text = lines.pop() ?? "";
    for (const line of lines) {
      const message = JSON.parse(line) as ServerMessage;
      if (message.method !== undefined) this.#heard(message);
      else if (message.id !== undefined) this.#answers.set(message.id, message);
    }
  }
}

/** The member `id` of a thread or turn in a response. */
export function idOf(value: unknown): string {
  return (value as { readonly id?: string } | undefined)?.id ?? "";
}
