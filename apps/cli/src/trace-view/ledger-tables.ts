import type { ReducedTrace } from "@codex-ts/rollout-trace";
import type {
  Ledger,
  LedgerAgent,
  LedgerRequest,
  LedgerSum,
  LedgerTokens,
} from "@codex-ts/rollout-trace/ledger";
import { clipId } from "../render/clip.ts";
import { formatMilliseconds } from "../render/inference-line.ts";
import { plural } from "../render/plural.ts";
import { renderTable } from "../render/table.ts";
import { lookup } from "./lookup.ts";

const TOKENS = ["input", "cached", "cache write", "output", "reasoning", "tokens"];

/** Tables of requests, of turns, of agents where there are several, and the total. */
export function renderLedger(ledger: Ledger, state: ReducedTrace): string {
  const tables = [
    requestTable(ledger),
    sumTable(ledger, "turn", ledger.turns, ({ turnId }) => clipId(turnId)),
    ...(ledger.agents.length > 1
      ? [sumTable(ledger, "agent", ledger.agents.flatMap(agentRows), ({ name }) => name)]
      : []),
  ];
  return [...tables, totalText(ledger, state)].join("\n");
}

/** An agent by itself, and below it with those it started, where there are any. */
function agentRows({
  agentPath,
  withChildren,
  ...own
}: LedgerAgent): readonly (LedgerSum & { readonly name: string })[] {
  const name = clipId(agentPath);
  return withChildren.requests > own.requests
    ? [
        { ...own, name },
        { ...withChildren, name: `${name} and those it started` },
      ]
    : [{ ...own, name }];
}

function requestTable(ledger: Ledger): string {
  return renderTable([
    [
      "request",
      "model",
      "status",
      ...TOKENS,
      ...(hasWire(ledger) ? ["tries", "first event"] : []),
      "total time",
      ...costHead(ledger),
    ],
    ...ledger.requests.map((request) => [
      String(request.number),
      clipId(request.model),
      request.status,
      ...tokenCells(request.tokens),
      ...(hasWire(ledger)
        ? [request.attempts?.toString() ?? "-", timeText(request.firstEventMs)]
        : []),
      timeText(request.durationMs),
      ...(ledger.currency === undefined ? [] : [costText(request.costNano)]),
    ]),
  ]);
}

function sumTable<Sum extends LedgerSum>(
  ledger: Ledger,
  title: string,
  sums: readonly Sum[],
  nameOf: (sum: Sum) => string,
): string {
  return renderTable([
    [
      title,
      "requests",
      "compactions",
      ...TOKENS,
      ...(hasWire(ledger) ? WIRE_SUMS : []),
      "total time",
      ...costHead(ledger),
    ],
    ...sums.map((sum) => [
      nameOf(sum),
      String(sum.requests),
      String(sum.compactionRequests),
      ...sumTokenCells(sum),
      ...(hasWire(ledger) ? wireCells(sum) : []),
      formatMilliseconds(sum.durationMs),
      ...(ledger.currency === undefined
        ? []
        : [costText(sum.costNano, sum.requestsWithoutCost > 0)]),
    ]),
  ]);
}

const WIRE_SUMS = ["tries", "warm-ups", "first event p50", "p95"];

function wireCells({ attempts, warmUps, firstEvent }: LedgerSum): string[] {
  return [
    attempts?.toString() ?? "-",
    warmUps?.toString() ?? "-",
    timeText(firstEvent?.p50),
    timeText(firstEvent?.p95),
  ];
}

/** Without a wire log there is no column for its facts. */
function hasWire({ total }: Ledger): boolean {
  return total.warmUps !== undefined;
}

function timeText(ms: number | undefined): string {
  return ms === undefined ? "-" : formatMilliseconds(ms);
}

function totalText(ledger: Ledger, state: ReducedTrace): string {
  const { total, currency, unpricedModels } = ledger;
  const { requests, requestsWithoutTokens, tokens, compactionRequests, costNano } = total;
  const { attempts, warmUps = 0, firstEvent } = total;
  const atLeast = requestsWithoutTokens > 0 ? "at least " : "";
  const lines = [
    `${plural(requests, "request")}: ${atLeast}${tokens.input} tokens in (${tokens.cachedInput} cached), ${tokens.output} out`,
    ...(requestsWithoutTokens > 0
      ? [`${plural(requestsWithoutTokens, "request")} without counters: the response did not say`]
      : []),
    ...(compactionRequests > 0
      ? [
          `${plural(compactionRequests, "compaction request")}: a recording does not say their tokens`,
        ]
      : []),
    ...(warmUps > 0
      ? [`${plural(warmUps, "warm-up")}: a recording does not say their tokens`]
      : []),
    ...(attempts === undefined ? [] : [`sent in ${plural(attempts, "try", "tries")}`]),
    ...(firstEvent === undefined
      ? []
      : [
          `first event after ${timeText(firstEvent.p50)} (p50), ${timeText(firstEvent.p95)} (p95), ${timeText(firstEvent.max)} at most`,
        ]),
    ...(currency === undefined
      ? []
      : [`cost: ${costText(costNano, total.requestsWithoutCost > 0)} ${clipId(currency)}`]),
    ...unpricedModels.map((model) => `no price for ${clipId(model)}`),
    ...(state.status === "running" ? ["the recording goes on, or was cut short"] : []),
  ];
  return lines.map((line) => `${line}\n`).join("");
}

/** One line per request, for spreadsheets; unknown values are empty. */
export function ledgerCsv(ledger: Ledger, state: ReducedTrace): string {
  const head = [
    "request",
    "agent",
    "turn_id",
    "model",
    "status",
    "response_id",
    "upstream_request_id",
    "input_tokens",
    "cached_input_tokens",
    "cache_write_input_tokens",
    "output_tokens",
    "reasoning_output_tokens",
    "total_tokens",
    "duration_ms",
    "cost",
    "currency",
    "attempts",
    "first_event_ms",
  ];
  const rows = ledger.requests.map((request) => csvCells(request, ledger, state));
  return [head, ...rows].map((cells) => `${cells.map(csvCell).join(",")}\r\n`).join("");
}

function csvCells(request: LedgerRequest, { currency }: Ledger, state: ReducedTrace): string[] {
  const { tokens } = request;
  return [
    String(request.number),
    lookup(state.threads, request.threadId)?.agent_path ?? "",
    request.turnId,
    request.model,
    request.status,
    request.responseId ?? "",
    request.upstreamRequestId ?? "",
    ...[
      tokens?.input,
      tokens?.cachedInput,
      tokens?.cacheWriteInput,
      tokens?.output,
      tokens?.reasoningOutput,
      tokens?.total,
      request.durationMs,
    ].map((value) => value?.toString() ?? ""),
    request.costNano === undefined ? "" : decimal(request.costNano),
    request.costNano === undefined ? "" : (currency ?? ""),
    request.attempts?.toString() ?? "",
    request.firstEventMs?.toString() ?? "",
  ];
}

/** A text of a recording must not become a formula of a spreadsheet. */
function csvCell(text: string): string {
  const harmless = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}

function tokenCells(tokens: LedgerTokens | undefined, isLeast = false): string[] {
  if (tokens === undefined) return TOKENS.map(() => "-");
  const { input, cachedInput, cacheWriteInput, output, reasoningOutput, total } = tokens;
  return [
    ...[input, cachedInput, cacheWriteInput, output, reasoningOutput].map(String),
    `${isLeast ? ">=" : ""}${total}`,
  ];
}

/** Nothing known of any request is unknown, not 0. */
function sumTokenCells({ requests, requestsWithoutTokens, tokens }: LedgerSum): string[] {
  const isUnknown = requests > 0 && requestsWithoutTokens === requests;
  return tokenCells(isUnknown ? undefined : tokens, requestsWithoutTokens > 0);
}

function costHead({ currency }: Ledger): string[] {
  return currency === undefined ? [] : [`cost (${clipId(currency)})`];
}

function costText(costNano: number | undefined, isLeast = false): string {
  if (costNano === undefined) return "-";
  return `${isLeast ? ">=" : ""}${decimal(costNano)}`;
}

/** Billionths as a decimal number, with six digits behind the point. */
function decimal(nano: number): string {
  const millionths = (BigInt(nano) + 500n) / 1000n;
  const digits = millionths.toString().padStart(7, "0");
  return `${digits.slice(0, -6)}.${digits.slice(-6)}`;
}
