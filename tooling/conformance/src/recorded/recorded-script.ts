import { bytes, disconnect, gate, hang, rawEvent } from "@codex-ts/responses-server";
import type { Exchange, Handshake, Reply, Script, Step } from "@codex-ts/responses-server";
import { AGENT_GATE, answerUntilStopped, asksForAgents } from "./recorded-agents.ts";
import { ThreadOrder, threadIdOf } from "./thread-order.ts";
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
 * is held; the events after that are not sent, as nobody listens any more. `startsAgents`: for a client that starts the
 * agents by itself.
 */
export function recordedScript(
  scenario: RecordedScenario,
  held: ReadonlyMap<number, RecordedInterrupt>,
  { startsAgents = false }: { readonly startsAgents?: boolean } = {},
): RecordedScript {
  const basePath = basePathOf(scenario.requests);
  const script: Exchange[] = [];
  const handshakes: Handshake[] = [];
  const recorded = new ThreadOrder();
  const played = new ThreadOrder();
  for (const answer of scenario.answers) {
    const request = scenario.requests.find(({ n }) => n === answer.request);
    if (request?.kind === "handshake")
      handshakes.push({
        status: answer.status ?? 101,
        headers: answer.headers ?? {},
        requestId: null,
      });
    else if (request !== undefined)
      script.push({
        ...exchange(scenario, {
          request,
          answer: startsAgents ? answerUntilStopped(scenario, answer) : answer,
          basePath,
          held: held.get(request.n),
          waitsForAgents: startsAgents && asksForAgents(answer),
        }),
        ...ofThread(recorded.placeOf(threadIdOf(request)), played, request),
      });
  }
  return { script, handshakes, basePath };
}

/** Answers of threads that work at once are not mixed up. */
function ofThread(
  place: number,
  played: ThreadOrder,
  request: RecordedRequest,
): Pick<Exchange, "when"> {
  if (threadIdOf(request) === undefined) return {};
  return { when: (received) => played.placeOf(received.header("thread-id")) === place };
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
    readonly waitsForAgents: boolean;
  },
): Exchange {
  const { request, answer, basePath, held, waitsForAgents } = parts;
  const path = (request.path ?? `${basePath}/responses`).split("?")[0] ?? "";
  const selector = {
    method: request.method ?? "POST",
    path: path.startsWith(`${basePath}/`) ? path.slice(basePath.length) : path,
    transport: request.transport === "ws" ? ("websocket" as const) : ("http" as const),
  };
  const bodies = scenario.requests.map(({ body }) => JSON.stringify(body));
  const replyTo = (played: RecordedAnswer): Reply => {
    const whole = reply(played, held);
    if (whole.events === undefined || !waitsForAgents) return whole;
    return { ...whole, events: [gate(AGENT_GATE), ...(whole.events as readonly Step[])] };
  };
  const ids = GIVEN_IDS.filter((idIn) => idIn(bodies) !== undefined);
  if (ids.length === 0 || answer.sse === undefined) return { ...selector, ...replyTo(answer) };
  // Some things have another id in every run: the model is made to ask for the one of this run.
  return {
    ...selector,
    respond: ({ bodyText }) => {
      const text = ids
        .reduce(
          (result, idIn) =>
            result.replaceAll(idIn(bodies) ?? "", idIn([bodyText]) ?? idIn(bodies) ?? ""),
          JSON.stringify(answer),
        )
        .replaceAll(RECORDED_PAUSE, SHORT_PAUSE);
      return replyTo(JSON.parse(text) as RecordedAnswer);
    },
  };
}

/** Ids a model learns from outputs: each finds its first in texts of requests. */
const GIVEN_IDS: readonly ((bodies: readonly (string | undefined)[]) => string | undefined)[] = [
  terminalSessionId,
  (bodies) => /(?<=agent_id[\\"]+:[\\"]+)[0-9a-f-]{36}/.exec(bodies.join("\n"))?.[0],
];

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
