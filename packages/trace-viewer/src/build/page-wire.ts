import type { InferenceCall, ReducedTrace, TextId } from "@codex-ts/rollout-trace";
import { joinWire, summarizeWire } from "@codex-ts/rollout-trace/wire";
import type {
  WireAttempt,
  WireCallFacts,
  WireDiagnosis,
  WireFinding,
  WireLog,
  WireRequest,
} from "@codex-ts/rollout-trace/wire";
import type {
  ChainAttempt,
  ChainDiagnosis,
  PageFinding,
  PageRequestWire,
  PageWire,
  WireChain,
} from "@codex-ts/trace-viewer-page/format";
import { attemptIds, supportText } from "./support-ids.ts";
import type { TextBlocks } from "./text-blocks.ts";

interface WireOptions {
  /** Number of a request by the id of its call. */
  readonly requestOf: (callId: string) => number | undefined;
  readonly blocks: TextBlocks;
}

/** The wire log in a page: as a whole, and by request. */
export interface PageWireParts {
  readonly whole: PageWire | undefined;
  readonly of: (call: InferenceCall) => PageRequestWire | undefined;
}

/**
 * Lists show little of a request's way and many requests, so the index has that little, and everything else is a text,
 * which is decoded when it is looked at.
 */
export function pageWire(state: ReducedTrace, log: WireLog, options: WireOptions): PageWireParts {
  if (!log.isPresent) return { whole: undefined, of: () => undefined };
  const join = joinWire(state, log);
  const { findings, hasFailures: _, ...summary } = summarizeWire(log, join);
  const findingOf = new Map<WireRequest, WireFinding>(
    findings.map((finding) => [finding.request, finding]),
  );
  const ofCall = new Map<string, Pick<PageRequestWire, "finding" | "chain">>();
  const others: PageWire["others"][number][] = [];
  for (const request of join.requests) {
    const chain = options.blocks.add(JSON.stringify(chainOf(request, options)));
    const facts = { finding: pageFinding(findingOf.get(request)), chain };
    for (const id of request.inferenceCallIds) ofCall.set(id, facts);
    if (request.inferenceCallIds.length === 0) others.push({ kind: request.kind, ...facts });
  }
  return {
    whole: { summary, others, diagnostics: join.diagnostics },
    of: (call) => requestWire(call, join.calls, ofCall),
  };
}

function pageFinding(finding: WireFinding | undefined): PageFinding | undefined {
  if (finding === undefined) return undefined;
  const { severity, request } = finding;
  return { severity, code: codeOf(request.diagnosis), sentence: request.diagnosis.sentence };
}

function codeOf({ code, firstCode }: WireDiagnosis): string {
  return firstCode === undefined ? code : `${code} (${firstCode})`;
}

function requestWire(
  { inference_call_id: id, execution }: InferenceCall,
  calls: ReadonlyMap<string, WireCallFacts>,
  ofCall: ReadonlyMap<
    string,
    { readonly finding: PageFinding | undefined; readonly chain: TextId }
  >,
): PageRequestWire | undefined {
  const facts = calls.get(id);
  const chain = ofCall.get(id);
  const tries = facts?.attempts.filter(({ started }) => started.endpoint !== "handshake") ?? [];
  const last = tries.at(-1);
  if (facts === undefined || chain === undefined || last === undefined) return undefined;
  return {
    transport: last.started.transport,
    place: placeOf(facts),
    tries: tries.length,
    firstEventMs: firstEventMs(last, execution.started_at_unix_ms),
    ...chain,
  };
}

/** The way a person names a request over WebSocket: its connection has the only id of the server. */
function placeOf({ connection, position }: WireCallFacts): string | undefined {
  if (connection === undefined) return undefined;
  const name = connection.opened?.request_ids.x_request_id ?? connection.id;
  return `ws:${name}#${position ?? "?"}`;
}

function firstEventMs({ started, ended }: WireAttempt, startMs: number): number | null {
  const firstEvent = ended?.t.first_event;
  if (firstEvent === null || firstEvent === undefined) return null;
  return Math.max(0, Math.round(started.queued_at_ms - startMs + firstEvent / 1000));
}

function chainOf(
  { kind, inferenceCallIds, diagnosis, attempts }: WireRequest,
  { requestOf }: WireOptions,
): WireChain {
  return {
    kind,
    requests: inferenceCallIds.flatMap((id) => requestOf(id) ?? []),
    diagnosis: diagnosis && chainDiagnosis(diagnosis),
    attempts: attempts.map((attempt): ChainAttempt => {
      const { started, responded, ended, retry, auth, switched, stalls, connection } = attempt;
      return {
        request: requestOf(started.inference_call_id ?? "") ?? -1,
        started,
        responded,
        ended,
        retry,
        auth,
        switched,
        stalls: stalls.length,
        closed: connection?.closed,
        ids: attemptIds(attempt),
      };
    }),
  };
}

function chainDiagnosis(diagnosis: WireDiagnosis): ChainDiagnosis {
  const { code, firstCode, sentence, advice, isNothingToSend } = diagnosis;
  return {
    code,
    sentence,
    isNothingToSend,
    ids: supportText(diagnosis),
    ...(firstCode !== undefined && { firstCode }),
    ...(advice !== undefined && { advice }),
  };
}
