import { bytes, disconnect, gate, hang, rawEvent } from "@codex-ts/responses-server";
import type { Exchange, Handshake, Reply, Script, Step } from "@codex-ts/responses-server";
import type { RecordedAnswer, RecordedRequest, RecordedScenario } from "./recorded-scenario.ts";

/** Where the driver of a recording stopped the response of a turn. */
export interface RecordedInterrupt {
  /** Place of the turn among the turns, from 0. */
  readonly turn: number;
  /** How many of the recorded events come after it. */
  readonly eventsLeft: number;
  /** How many items were finished before it. */
  readonly itemsBefore: number;
  /** Whether the process was killed there, so that its trace ends there. Default false. */
  readonly isKill?: boolean;
  /** Set when the turn was not stopped there but got this input, while its first response streamed. */
  readonly steer?: string;
}

/** The recorded answers for a scripted server. */
export interface RecordedScript {
  readonly script: Script;
  readonly handshakes: readonly Handshake[];
  readonly basePath: string;
}

/** Name of the gate at which the response of a turn is held. */
export function interruptGate({ turn }: RecordedInterrupt): string {
  return `interrupt of turn ${turn}`;
}

/**
 * Turns the answers of a recording into a script. `held` tells before which of its last events the answer to a request
 * is held; the events after that are not sent, as nobody listens any more.
 */
export function recordedScript(
  scenario: RecordedScenario,
  held: ReadonlyMap<number, RecordedInterrupt>,
): RecordedScript {
  const basePath = basePathOf(scenario.requests);
  const script: Exchange[] = [];
  const handshakes: Handshake[] = [];
  for (const answer of scenario.answers) {
    const request = scenario.requests.find(({ n }) => n === answer.request);
    if (request?.kind === "handshake")
      handshakes.push({
        status: answer.status ?? 101,
        headers: answer.headers ?? {},
        requestId: null,
      });
    else if (request !== undefined)
      script.push(exchange(scenario, { request, answer, basePath, held: held.get(request.n) }));
  }
  return { script, handshakes, basePath };
}

function basePathOf(requests: readonly RecordedRequest[]): string {
  const path = requests.find((request) => request.path?.endsWith("/responses"))?.path;
  return path?.slice(0, -"/responses".length) ?? "/v1";
}

function exchange(
  scenario: RecordedScenario,
  parts: {
    readonly request: RecordedRequest;
    readonly answer: RecordedAnswer;
    readonly basePath: string;
    readonly held: RecordedInterrupt | undefined;
  },
): Exchange {
  const { request, answer, basePath, held } = parts;
  const path = (request.path ?? `${basePath}/responses`).split("?")[0] ?? "";
  const selector = {
    method: request.method ?? "POST",
    path: path.startsWith(`${basePath}/`) ? path.slice(basePath.length) : path,
    transport: request.transport === "ws" ? ("websocket" as const) : ("http" as const),
  };
  const recordedId = terminalSessionId(scenario.requests.map(({ body }) => JSON.stringify(body)));
  if (recordedId === undefined || answer.sse === undefined)
    return { ...selector, ...reply(answer, held) };
  // A terminal has another id in every run: the model is made to ask for the one of this run.
  return {
    ...selector,
    respond: ({ bodyText }) => {
      const id = terminalSessionId([bodyText]) ?? recordedId;
      const served = JSON.stringify(answer)
        .replaceAll(recordedId, id)
        .replaceAll(RECORDED_PAUSE, SHORT_PAUSE);
      return reply(JSON.parse(served) as RecordedAnswer, held);
    },
  };
}

/** The recorded command ends 50 ms before its output is asked for: too little for a machine that has other things to do. */
const RECORDED_PAUSE = "sleep 0.3; echo bye";
const SHORT_PAUSE = "sleep 0.1; echo bye";

function terminalSessionId(bodies: readonly (string | undefined)[]): string | undefined {
  return /(?<=session ID )[0-9]+/.exec(bodies.join("\n"))?.[0];
}

/** The recorded headers are all there were. */
const AS_RECORDED = { requestId: null, openaiModel: null };

function reply(answer: RecordedAnswer, held: RecordedInterrupt | undefined): Reply {
  const { status = 200, headers = {}, sse, body, end } = answer;
  const head = { ...AS_RECORDED, status, headers };
  if (sse === undefined) return { ...head, body: body ?? null };
  const events = sse.map((event): Step => {
    const { raw } = event;
    return typeof raw === "string" ? bytes(raw) : rawEvent(event);
  });
  if (held !== undefined) {
    // What came after a client was gone is not recorded.
    const eventsLeft = end === "client_gone" ? 0 : held.eventsLeft;
    const sent = events.slice(0, events.length - eventsLeft);
    const rest = held.steer === undefined ? [] : events.slice(sent.length);
    return { ...head, events: [...sent, gate(interruptGate(held)), ...rest] };
  }
  return { ...head, events: [...events, ...ending(end)] };
}

function ending(end: string | undefined): Step[] {
  // A client that was gone is one that is stopped: see `held`. Any other has nothing more to wait for.
  if (end === "destroy" || end === "client_gone") return [disconnect()];
  if (end === "hang") return [hang()];
  return [];
}
