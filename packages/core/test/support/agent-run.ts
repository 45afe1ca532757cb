import { join } from "node:path";
import { mkdir } from "node:fs/promises";
import { setTimeout } from "node:timers/promises";
import { createThread, defineTool } from "@codex-ts/core";
import type { AgentEvent } from "@codex-ts/core";
import type { JsonObject } from "@codex-ts/protocol";
import {
  completed,
  created,
  disconnect,
  hang,
  itemDone,
  messageItem,
} from "@codex-ts/responses-server";
import type { ReceivedRequest, Reply, Step } from "@codex-ts/responses-server";
import type { TraceSchemaVersion } from "@codex-ts/rollout-trace";
import { seededRandom } from "@codex-ts/test-support";
import { agentCall } from "./agents.ts";
import { INSTALLATION_ID, testModel, testProvider } from "./harness.ts";
import { blobOf } from "./request-shape.ts";
import { startResponsesServer } from "./server.ts";

/** Agents of the root in every run. */
export const AGENTS = 8;

/** Longest time of a run; one that takes longer hangs. */
const DEADLINE_MS = 60_000;

export interface AgentRun {
  readonly seed: number;
  readonly bundlePath: string;
  /** Events of agents, in order. */
  readonly agentEvents: readonly AgentEvent[];
  /** How the turns of the root ended. */
  readonly ends: readonly string[];
}

/** One session with 8 agents at once that fail, hang, write to each other and are interrupted, as the seed says. */
export async function runAgents(options: {
  readonly seed: number;
  /** Directory for the bundle. */
  readonly root: string;
  readonly schemaVersion: TraceSchemaVersion;
}): Promise<AgentRun> {
  const { seed, root, schemaVersion } = options;
  const random = seededRandom(seed);
  const model = new DicedModel(random, schemaVersion === 1);
  const cwd = join(root, `cwd-${seed}`);
  await mkdir(cwd, { recursive: true });
  await using server = await startResponsesServer({
    script: [{ repeat: Infinity, respond: (request) => model.reply(request) }],
  });
  const agentEvents: AgentEvent[] = [];
  /** The event of agents at which somebody stops the root. */
  let stopAt: number | undefined;
  let stopped: Promise<unknown> | undefined;
  const thread = await createThread({
    provider: testProvider(server.url),
    model: testModel({ multi_agent_version: "v2" }),
    cwd,
    compatibility: schemaVersion === 1 ? "0.140" : "0.171",
    installationId: INSTALLATION_ID,
    sandboxMode: "danger-full-access",
    env: { PATH: process.env["PATH"], HOME: cwd },
    trace: { root, schemaVersion },
    includePermissionsInstructions: false,
    tools: [workTool(random)],
    subagents: {
      maxAgents: AGENTS + 2,
      maxDepth: 2,
      minWaitMs: 1,
      onEvent: (event) => {
        agentEvents.push(event);
        if (agentEvents.length !== stopAt) return;
        stopped = thread.interrupt();
      },
    },
    random,
    sleep: async (_ms, signal) => signal?.throwIfAborted(),
  });
  const ends: string[] = [];
  const work = async (): Promise<void> => {
    for (const prompt of ["start", "go on"]) {
      const isStopped = random() < 0.5;
      stopAt = isStopped ? agentEvents.length + 1 + Math.floor(random() * 300) : undefined;
      ends.push((await thread.runTurn(prompt).result()).type);
      await stopped;
    }
    await thread.close();
  };
  const late = new AbortController();
  const deadline = setTimeout(DEADLINE_MS, "late", { signal: late.signal }).catch(() => "in time");
  const outcome = await Promise.race([work(), deadline]);
  late.abort();
  if (outcome === "late") throw new Error(`run with seed ${seed} hangs`);
  if (thread.bundlePath === undefined) throw new Error("nothing was recorded");
  return { seed, bundlePath: thread.bundlePath, agentEvents, ends };
}

/**
 * Writes bundles of such sessions, for other reducers.
 *
 * @public loaded by path from `tooling/conformance/src/live-trace.ts`
 */
export async function writeAgentBundles(options: {
  readonly root: string;
  readonly schemaVersion: TraceSchemaVersion;
  readonly runs: number;
}): Promise<{ readonly name: string; readonly path: string }[]> {
  const bundles: { readonly name: string; readonly path: string }[] = [];
  for (let seed = 1; seed <= options.runs; seed += 1) {
    const { bundlePath } = await runAgents({ ...options, seed });
    bundles.push({ name: `agents ${seed}`, path: bundlePath });
  }
  return bundles;
}

/** A tool that takes a moment, and fails now and then. */
function workTool(random: () => number): ReturnType<typeof defineTool> {
  return defineTool({
    name: "work",
    description: "Work for a moment.",
    parameters: { type: "object" },
    execute: async () => {
      await setTimeout(Math.floor(random() * 15));
      if (random() < 0.3) throw new Error("no luck");
      return "worked";
    },
  });
}

/** A model that decides by dice, each agent for itself. */
class DicedModel {
  readonly #random: () => number;
  readonly #isFlat: boolean;
  readonly #answered = new Map<string, number>();
  #calls = 0;

  constructor(random: () => number, isFlat: boolean) {
    this.#random = random;
    this.#isFlat = isFlat;
  }

  reply(request: ReceivedRequest): Reply {
    const blob = blobOf(request);
    const id = String(request.header("thread-id"));
    const count = this.#answered.get(id) ?? 0;
    this.#answered.set(id, count + 1);
    return blob["parent_thread_id"] === undefined ? this.#ofRoot(count) : this.#ofAgent(count);
  }

  #ofRoot(count: number): Reply {
    if (count === 0) {
      return reply(
        ...Array.from({ length: AGENTS }, (_, at) =>
          this.#call("spawn_agent", {
            task_name: `a${at}`,
            message: `Task ${at}.`,
            fork_turns: this.#one(["none", "all"]),
          }),
        ),
      );
    }
    if (count > 10 || (count > 4 && this.#random() < 0.2)) return message("That is all.");
    return reply(...Array.from({ length: 1 + this.#below(3) }, () => this.#rootCall()));
  }

  #rootCall(): Step {
    const target = `a${this.#below(AGENTS)}`;
    return this.#one([
      () => this.#call("wait_agent", { timeout_ms: 1 + this.#below(60) }),
      () => this.#call("wait_agent", { timeout_ms: 1 + this.#below(60) }),
      () => this.#call("send_message", { target, message: `Note ${this.#calls}.` }),
      () => this.#call("followup_task", { target, message: `More ${this.#calls}.` }),
      () => this.#call("interrupt_agent", { target }),
      () => this.#call("list_agents", {}),
    ])();
  }

  #ofAgent(count: number): Reply {
    const finished = (): Reply => message(`Result ${this.#calls++}.`);
    if (count > 6) return finished();
    return this.#one<() => Reply>([
      finished,
      finished,
      () => reply(this.#work()),
      () => reply(this.#work(), this.#work()),
      () => reply(this.#call("send_message", { target: "/root", message: `Up ${this.#calls}.` })),
      () =>
        reply(
          this.#call("send_message", {
            target: `/root/a${this.#below(AGENTS)}`,
            message: `Across ${this.#calls}.`,
          }),
        ),
      () =>
        reply(
          this.#call("followup_task", {
            target: `/root/a${this.#below(AGENTS)}`,
            message: `Across, and do it ${this.#calls}.`,
          }),
        ),
      () =>
        reply(
          this.#call("spawn_agent", {
            task_name: `b${this.#calls}`,
            message: "Below.",
            fork_turns: this.#one(["none", "all"]),
          }),
        ),
      () => reply(this.#call("wait_agent", { timeout_ms: 1 + this.#below(30) })),
      () => reply(this.#call("interrupt_agent", { target: `/root/a${this.#below(AGENTS)}` })),
      () => ({ status: 400, body: { error: { message: "refused" } } }),
      () => ({ events: [created(), itemDone(messageItem("Half.")), disconnect()] }),
      () => ({ events: [created(), itemDone(messageItem("Thinking.")), hang()] }),
    ])();
  }

  #work(): Step {
    const id = this.#nextId();
    return itemDone({
      type: "function_call",
      id: `fc_${id}`,
      call_id: id,
      name: "work",
      arguments: "{}",
    });
  }

  #call(name: string, args: JsonObject): Step {
    const id = this.#nextId();
    if (!this.#isFlat) return agentCall(name, args, id);
    return itemDone({
      type: "function_call",
      id: `fc_${id}`,
      call_id: id,
      name,
      arguments: JSON.stringify(args),
    });
  }

  #nextId(): string {
    this.#calls += 1;
    return `call_${this.#calls}`;
  }

  #below(limit: number): number {
    return Math.floor(this.#random() * limit);
  }

  #one<Choice>(choices: readonly Choice[]): Choice {
    return choices[this.#below(choices.length)] as Choice;
  }
}

function reply(...steps: readonly Step[]): Reply {
  return { events: [created(), ...steps, completed()] };
}

function message(text: string): Reply {
  return reply(itemDone(messageItem(text)));
}
