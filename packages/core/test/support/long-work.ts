import type { JsonObject } from "@codex-ts/protocol";
import {
  completed,
  created,
  customToolCallItem,
  delay,
  disconnect,
  functionCallItem,
  itemDone,
  messageItem,
  reasoningItem,
} from "@codex-ts/responses-server";
import type { Exchange, ReceivedRequest, ServerEvent, Step } from "@codex-ts/responses-server";
import { WholeInputs, historyTroubles } from "@codex-ts/test-support";

/**
 * What a thread is asked in its turns, and what its local compactions are asked with. So long that compactions soon keep as
 * much of it as they ever do.
 */
export const promptOf = (turn: number): string => `turn ${turn}\n${"words ".repeat(220)}`;
export const COMPACT_PROMPT = "Sum it up.";
/** The context of the model; a response that reports more than nine tenths of it has the thread compacted. */
export const CONTEXT_WINDOW = 100_000;
const FULL = { input_tokens: 95_000, output_tokens: 100 };

/** How long clients keep a connection to the model that is not used, as it tells them in the header below. */
export const IDLE_CONNECTION_MS = 1000;
/** In seconds. The client of Node keeps two of them as its reserve. */
const KEEP_ALIVE = { "keep-alive": "timeout=3" };

/** What is peculiar to a turn, by its number. */
export const work = {
  /** The response breaks off after its first call; it is asked for again. */
  isBroken: (turn: number) => turn % 13 === 5,
  /** Its command would run for long: it is to be interrupted. */
  isStuck: (turn: number) => turn % 17 === 6,
  hasCommand: (turn: number) => turn % 3 === 0,
  /** It runs a command on a terminal. */
  hasTerminal: (turn: number) => turn % 10 === 4,
  /** Its command goes on for a while after it. */
  hasBackground: (turn: number) => turn % 10 === 7,
  /** It calls what is not there, with arguments that are none. */
  hasMistakes: (turn: number) => turn % 11 === 3,
  hasPatch: (turn: number) => turn % 6 === 1,
  /** The context is full after its tools (a compaction in its middle) or after its answer (one before the next turn). */
  fillsInTheMiddle: (turn: number) => turn % 8 === 7,
  fillsAtTheEnd: (turn: number) => turn % 8 === 3,
} as const;

/** A model that has endless work for a thread: tools of every kind, broken responses, contexts that are full. */
export class LongWork {
  /** What was wrong with requests, one line each. */
  readonly troubles: string[] = [];
  /** Number of items of the longest input. */
  longest = 0;
  /** Requests of turns, and those that asked for a compaction. */
  readonly requests = { turn: 0, compaction: 0 };
  readonly #inputs = new WholeInputs();
  readonly #broken = new Set<number>();
  #responses = 0;
  readonly #pauseMs: number;

  /** `pauseMs`: how long the model thinks before each item. Default 0. */
  constructor(pauseMs = 0) {
    this.#pauseMs = pauseMs;
  }

  readonly exchange: Exchange = {
    repeat: Infinity,
    respond: (request) => ({ headers: KEEP_ALIVE, events: this.#respond(request) }),
  };

  #respond(request: ReceivedRequest): Step[] {
    const body = request.body as JsonObject;
    const input = this.#inputs.read(body) as readonly JsonObject[];
    this.longest = Math.max(this.longest, input.length);
    for (const trouble of historyTroubles(input))
      this.troubles.push(`request ${request.index}: ${trouble}`);
    this.#responses += 1;
    const responseId = `resp_${this.#responses}`;
    const { items, isFull, isBroken } = this.#work(body, input);
    const pause = this.#pauseMs === 0 ? [] : [delay(this.#pauseMs)];
    const steps = items.flatMap((item): Step[] => [...pause, itemDone(item as never)]);
    if (isBroken) return [created(responseId), ...steps, disconnect()];
    this.#inputs.note(responseId, input, items);
    const end: ServerEvent = completed({ responseId, ...(isFull && { usage: FULL }) });
    return [created(responseId), ...steps, ...pause, end];
  }

  #work(body: JsonObject, input: readonly JsonObject[]): Work {
    const last = input.at(-1);
    if (last?.["type"] === "compaction_trigger" || textOf(last) === COMPACT_PROMPT) {
      this.requests.compaction += 1;
      return last?.["type"] === "compaction_trigger"
        ? say({ type: "compaction", encrypted_content: `window ${this.#responses}` })
        : say(this.#message("All is well so far."));
    }
    if (body["generate"] === false) return WARM_UP;
    this.requests.turn += 1;
    const turn = input.map(turnOf).findLast((number) => number !== undefined);
    if (turn === undefined) {
      this.troubles.push(`a request without a question: ${JSON.stringify(input).slice(-300)}`);
      return say(this.#message("What?"));
    }
    if (turnOf(last) !== turn || turn === LAST_TURN)
      return { ...say(this.#message(`Done ${turn}.`)), isFull: work.fillsAtTheEnd(turn) };
    const isBroken = work.isBroken(turn) && !this.#broken.has(turn);
    this.#broken.add(turn);
    const items = this.#calls(turn);
    return {
      items: isBroken ? items.slice(0, 2) : items,
      isFull: work.fillsInTheMiddle(turn),
      isBroken,
    };
  }

  #calls(turn: number): JsonObject[] {
    const id = (n: number): string => `call_${this.#responses}_${n}`;
    const command = (n: number, args: JsonObject): JsonObject =>
      functionCallItem("exec_command", args, id(n)) as never;
    if (work.isStuck(turn)) return [command(0, { cmd: "sleep 60", login: false })];
    return [
      reasoningItem({ summary: ["Hm."], encryptedContent: "x".repeat(2000) }) as never,
      functionCallItem("note", { text: `note of turn ${turn}` }, id(2)) as never,
      ...(work.hasCommand(turn)
        ? [command(1, { cmd: `printf '${turn} %03000d' 7`, login: false })]
        : []),
      ...(work.hasTerminal(turn) ? [command(3, { cmd: "echo t", tty: true, login: false })] : []),
      ...(work.hasBackground(turn)
        ? [command(4, { cmd: "sleep 0.5; echo late", yield_time_ms: 250, login: false })]
        : []),
      ...(work.hasMistakes(turn)
        ? [
            functionCallItem("nowhere", {}, id(5)) as never,
            { type: "function_call", name: "exec_command", arguments: "{", call_id: id(6) },
          ]
        : []),
      ...(work.hasPatch(turn)
        ? [
            customToolCallItem(
              "apply_patch",
              `*** Begin Patch\n*** Add File: notes.txt\n+${turn}\n*** End Patch`,
              id(7),
            ) as never,
          ]
        : []),
    ];
  }

  #message(text: string): JsonObject {
    return messageItem(text, { id: `msg_${this.#responses}` }) as never;
  }
}

/** The number of a turn that is answered at once, with nothing to do. */
export const LAST_TURN = 999_999;

interface Work {
  readonly items: readonly JsonObject[];
  readonly isFull: boolean;
  readonly isBroken: boolean;
}

const WARM_UP: Work = { items: [], isFull: false, isBroken: false };

const say = (item: JsonObject): Work => ({ items: [item], isFull: false, isBroken: false });

function textOf(item: JsonObject | undefined): string | undefined {
  const [part] = (item?.["content"] ?? []) as readonly JsonObject[];
  const text = item?.["role"] === "user" ? part?.["text"] : undefined;
  return typeof text === "string" ? text : undefined;
}

function turnOf(item: JsonObject | undefined): number | undefined {
  const number = /^turn (\d+)\n/.exec(textOf(item) ?? "")?.[1];
  return number === undefined ? undefined : Number(number);
}
