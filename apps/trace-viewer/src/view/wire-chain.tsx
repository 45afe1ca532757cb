import type { ChainAttempt, NamedId, WireChain } from "@codex-ts/trace-viewer-page/format";
import type { ComponentChildren, JSX } from "preact";
import { barText, chainLength, startOf, stretchesOf } from "../data/attempt-bar.ts";
import { isObject, parseJson } from "../data/json.ts";
import { count, duration, plural } from "../data/numbers.ts";
import type { Trace } from "../data/trace.ts";
import { goTo } from "../state/route.ts";
import { CopyButton, Empty, Facts, useText } from "./bits.tsx";

/** All that was tried to get one response: what came of it, and each attempt as a bar. */
export function WireChainView({
  trace,
  chain: id,
  request,
}: {
  readonly trace: Trace;
  readonly chain: number;
  /** The request that is looked at; its attempts are pointed out. */
  readonly request?: number;
}): JSX.Element {
  const text = useText(trace, id);
  if (text === undefined) return <p class="loading">Opening…</p>;
  const chain = chainIn(text);
  if (chain === undefined) return <Empty>There were too many attempts for this page.</Empty>;
  const { attempts } = chain;
  const names = namesOf(attempts);
  const start = startOf(attempts);
  const length = chainLength(attempts);
  const others = chain.requests.filter((each) => each !== request);
  return (
    <>
      <Diagnosis chain={chain} />
      {request !== undefined && others.length > 0 && (
        <p class="muted">
          One request of the turn, sent {plural(attempts.filter(isTry).length, "time")}, as{" "}
          {chain.requests.map((each, index) => (
            <>
              {index > 0 && ", "}
              <button class="link" onClick={() => goTo(each)}>
                {each === request ? `${each + 1} (this one)` : each + 1}
              </button>
            </>
          ))}
          : all its attempts are below.
        </p>
      )}
      <p class="bar-key" aria-hidden="true">
        <span class="seg-connect" /> connecting <span class="seg-wait" /> waiting{" "}
        <span class="seg-stream" /> streaming <span class="seg-silence" /> silence{" "}
        <span class="seg-pause" /> waiting to try again
        <span class="grow" />
        {duration(length)} on the wire
      </p>
      <ol class="attempts">
        {attempts.map((attempt, index) => (
          <Attempt
            key={index}
            attempt={attempt}
            name={names[index] ?? ""}
            start={start}
            length={length}
            isOther={request !== undefined && attempt.request >= 0 && attempt.request !== request}
          />
        ))}
      </ol>
    </>
  );
}

/** A text that was too long for the page stands for another kind of object. */
function chainIn(text: string): WireChain | undefined {
  const value = parseJson(text);
  return isObject(value) && "attempts" in value ? (value as unknown as WireChain) : undefined;
}

function Diagnosis({ chain: { diagnosis } }: { readonly chain: WireChain }): JSX.Element {
  if (diagnosis === undefined) return <></>;
  const { code, firstCode, sentence, advice, isNothingToSend, id, ids } = diagnosis;
  return (
    <section class={`diagnosis ${MILD.has(code) ? "mild" : ""}`} aria-label="Diagnosis">
      <p>
        <span class="tag">{firstCode === undefined ? code : `${code} (${firstCode})`}</span>{" "}
        {sentence}
      </p>
      {advice !== undefined && (
        <p>
          <strong>Advice:</strong> {advice}
        </p>
      )}
      <p class="cells">
        <span>
          {isNothingToSend
            ? "Support cannot mend this; if you are asked:"
            : "To send to those who run the server:"}
        </span>
        {id !== undefined && <Id id={id} />}
        <CopyButton text={() => ids} what="ids" label="Copy ids of the attempts" />
      </p>
    </section>
  );
}

/** It worked, or its user wanted it so. */
const MILD: ReadonlySet<string> = new Set(["recovered", "cancelled", "auth_stale"]);

function Attempt({
  attempt,
  name,
  start,
  length,
  isOther,
}: {
  readonly attempt: ChainAttempt;
  readonly name: string;
  readonly start: number;
  readonly length: number;
  readonly isOther: boolean;
}): JSX.Element {
  const { started, ended, retry, auth, switched, silentMs } = attempt;
  const stretches = stretchesOf(attempt, start);
  const isBad = ended?.outcome === "failed" || ended === undefined;
  return (
    <li class={`attempt ${isOther ? "other" : ""}`}>
      <p class="cells">
        <strong>{name}</strong>
        <span class="clip muted" title={started.url}>
          {started.transport === "websocket" ? "WebSocket" : started.method} {started.url}
        </span>
        <span class="grow" />
        <span class={isBad ? "bad" : ended.outcome === "completed" ? "status-completed" : ""}>
          {outcomeOf(attempt)}
        </span>
        <span class="muted">{ended === undefined ? "" : duration(ended.t.ended / 1000)}</span>
      </p>
      <div class="bar" role="img" aria-label={barText(stretches) || "nothing of it was timed"}>
        {stretches.map(({ kind, name: what, start: from, end }, index) => (
          <span
            key={index}
            class={`seg-${kind}`}
            title={`${what} ${duration(end - from)}`}
            style={{
              left: `${(from / length) * 100}%`,
              width: `${((end - from) / length) * 100}%`,
            }}
          />
        ))}
      </div>
      <VisibleId attempt={attempt} />
      {silentMs > 0 && (
        <p class="bad">
          silent for {duration(silentMs)} after {ended?.max_gap_after ?? "it was sent"}
        </p>
      )}
      {ended?.error !== undefined && <p class="bad attempt-error">{ended.error.message}</p>}
      {auth.map(({ step, outcome, status, code }, index) => (
        <p key={index} class="muted">
          login: {step} {outcome}
          {code !== undefined && `, ${code}`}
          {status !== undefined && `, status ${status}`}
        </p>
      ))}
      {retry !== undefined && (
        <p class="muted">
          then {duration(retry.delay_ms)} until try {retry.number + 1} of {retry.of + 1}
          {retry.delay_source === "retry_after" ? ", as the server asked" : ""} ({retry.reason})
        </p>
      )}
      {switched !== undefined && (
        <p class="muted">
          from here on {switched.to}: {switched.cause.replaceAll("_", " ")}
        </p>
      )}
      <details>
        <summary>ids, times, headers</summary>
        <Facts rows={attempt.ids} />
        <Facts rows={timeRows(attempt)} />
        <Headers title="Request headers" headers={started.request.headers} />
        <Headers title="Response headers" headers={attempt.responded?.headers ?? []} />
      </details>
    </li>
  );
}

/** Tries are counted through the chain, as the sentence of a diagnosis does. */
function namesOf(attempts: readonly ChainAttempt[]): readonly string[] {
  let tries = 0;
  return attempts.map(({ started }) => {
    if (started.endpoint === "handshake") return "handshake";
    if (started.request.generate === false) return "warm-up";
    tries += 1;
    return `try ${tries}`;
  });
}

function isTry({ started }: ChainAttempt): boolean {
  return started.endpoint !== "handshake" && started.request.generate !== false;
}

function outcomeOf({ ended, responded }: ChainAttempt): string {
  if (ended === undefined) return "never ended";
  const { outcome, close, timeout, error } = ended;
  const status = error?.status ?? ended.status ?? responded?.status;
  return [
    status === undefined || status === 101 ? undefined : String(status),
    status !== undefined && status < 400 && outcome === "failed" && close === undefined
      ? "then failed"
      : undefined,
    timeout !== undefined ? `timeout: ${timeout.replaceAll("_", " ")}` : undefined,
    close !== undefined && outcome === "failed"
      ? `closed ${close.code} by the ${close.by}${close.reason === undefined ? "" : `: ${close.reason}`}`
      : undefined,
    outcome === "failed" && status === undefined && close === undefined ? error?.code : undefined,
    outcome === "failed" ? undefined : outcome,
  ]
    .filter((part) => part !== undefined)
    .join(", ");
}

/** The one id to look an attempt up by, without opening anything. */
function VisibleId({ attempt }: { readonly attempt: ChainAttempt }): JSX.Element {
  const row = attempt.ids.find(([name]) => /request-id|cf-ray/.test(name));
  if (row === undefined) return <></>;
  return (
    <p class="cells">
      <Id id={row} />
    </p>
  );
}

function Id({ id: [name, value] }: { readonly id: NamedId }): JSX.Element {
  return (
    <>
      <span class="muted">{name}</span>
      <code class="clip">{value}</code>
      <CopyButton text={() => value} what={name} />
    </>
  );
}

type Row = readonly [name: string, value: ComponentChildren];

function timeRows({ started, ended, stalls, closed }: ChainAttempt): readonly Row[] {
  const { request } = started;
  const ms = (microseconds: number | null): string =>
    microseconds === null ? "not reached" : `${(microseconds / 1000).toFixed(1)} ms`;
  return [
    ...(ended === undefined
      ? []
      : Object.entries(ended.t).map(([name, value]): Row => [
          name.replaceAll("_", " "),
          ms(value),
        ])),
    [
      "sent",
      `${count(request.bytes)} bytes${request.body_bytes === undefined || request.body_bytes === request.bytes ? "" : ` (${count(request.body_bytes)} before ${request.encoding ?? "compression"})`}`,
    ],
    ...(ended === undefined
      ? []
      : ([
          ["received", `${count(ended.response_bytes)} bytes, ${plural(ended.events, "event")}`],
          [
            "longest silence",
            `${ms(ended.max_gap_us)}${ended.max_gap_after === null ? "" : `, after ${ended.max_gap_after}`}${stalls > 0 ? `, ${plural(stalls, "stall")}` : ""}`,
          ],
        ] satisfies Row[])),
    ...(closed === undefined
      ? []
      : ([
          [
            "connection",
            `closed with ${closed.close.code}${closed.close.reason === undefined ? "" : ` ${closed.close.reason}`} by the ${closed.close.by} after ${plural(closed.requests, "request")}, ${duration(closed.age_ms)}`,
          ],
        ] satisfies Row[])),
  ];
}

function Headers({
  title,
  headers,
}: {
  readonly title: string;
  readonly headers: readonly (readonly [name: string, value: string | null])[];
}): JSX.Element {
  if (headers.length === 0) return <></>;
  return (
    <>
      <p class="head">{title}</p>
      <Facts
        rows={headers.map(([name, value]) => [
          name,
          value ?? <span class="note">was there; its value is not kept</span>,
        ])}
      />
    </>
  );
}
