import type {
  AgentMessageAddress,
  AgentOrigin,
  CodeCell,
  CompactionRequest,
  ConversationChannel,
  ConversationItemKind,
  ConversationRole,
  ExecutionWindow,
  InteractionEdge,
  TokenUsageCounters,
  ToolCall,
  TraceDiagnostic,
} from "@codex-ts/rollout-trace/reducer";
import type {
  WireAttempt,
  WireConnection,
  WireDiagnosis,
  WireDiagnostic,
  WireFinding,
  WireNamedId,
  WireSummary,
} from "@codex-ts/rollout-trace/wire";
import type { Ledger } from "@codex-ts/rollout-trace/ledger";
import type { CacheVerdict, InputList, TextId } from "@codex-ts/rollout-trace/requests";

// The data of a page: one index, and the texts it names in blocks of their own, which are decoded when they are needed.
// Both are raw DEFLATE in base64: the one compression every browser knows that leaves a page that can be mailed.

/** Id of the `<script>` element that holds the index. */
export type IndexElement = "index";
/** Ids of the `<script>` elements that hold blocks of texts, counted from 0. */
export type BlockElement = `b${number}`;

/** What an index is of, by its member `kind`; a trace has none. */
export type AnyIndex = PageIndex | DiffIndex;

/** The index of a page that shows differences alone. */
export interface DiffIndex {
  readonly version: 1;
  readonly kind: "diff";
  readonly writer: string;
  /** `requests`: those of one run, each beside the one before it. `runs`: two runs. `pair`: two requests. */
  readonly of: "requests" | "runs" | "pair";
  readonly pairs: readonly DiffPair[];
  /** The requests of all pairs, each once. */
  readonly requests: readonly DiffRequest[];
  readonly texts: TextTable;
}

/** Two requests beside each other; one of the two is `undefined` where there is none. */
export interface DiffPair {
  /** Path of the agent. */
  readonly agent: string;
  /** Numbers of requests of the index. */
  readonly before: number | undefined;
  readonly after: number | undefined;
  /** Of two runs: they differ. Of one run: tokens were paid in full that a cache could have had. */
  readonly isNotable: boolean;
  /** Of a request of one run and the one before it. */
  readonly verdict: CacheVerdict | undefined;
}

export interface DiffRequest {
  /** Its number in its run, from 1. */
  readonly number: number;
  readonly members: readonly (readonly [name: string, text: TextId])[];
  readonly input: InputList;
}

/** Everything a page knows without opening a text. Numbers of requests, items, turns and agents are indexes of the lists here. */
export interface PageIndex {
  readonly version: 1;
  readonly writer: string;
  readonly trace: PageTrace;
  readonly agents: readonly PageAgent[];
  readonly turns: readonly PageTurn[];
  readonly requests: readonly PageRequest[];
  readonly items: readonly PageItem[];
  readonly tools: readonly PageTool[];
  readonly compactions: readonly PageCompaction[];
  readonly compactionRequests: readonly CompactionRequest[];
  readonly edges: readonly InteractionEdge[];
  readonly operations: readonly PageOperation[];
  readonly cells: readonly Pick<CodeCell, "code_cell_id" | "execution" | "runtime_status">[];
  readonly diagnostics: readonly TraceDiagnostic[];
  readonly ledger: Ledger;
  /** `undefined`: the recording has no wire log. */
  readonly wire: PageWire | undefined;
  /** Day and currency of the prices, for display. */
  readonly pricesAsOf: string | undefined;
  readonly texts: TextTable;
}

/** Facts of the whole recording. */
export interface PageTrace {
  readonly schemaVersion: number;
  readonly traceId: string;
  readonly rolloutId: string;
  readonly rootThreadId: string;
  readonly startedAt: number;
  readonly endedAt: number | null;
  readonly status: string;
  /** Schema 1 does not say. */
  readonly recording: "unknown" | "complete" | "unclosed" | "closed_with_partial_payloads";
}

export interface PageAgent {
  readonly threadId: string;
  readonly path: string;
  readonly nickname: string | null;
  readonly origin: AgentOrigin;
  readonly execution: ExecutionWindow;
  readonly model: string | null;
  /** Number of the agent that started this one. */
  readonly parent: number | undefined;
}

export interface PageTurn {
  readonly turnId: string;
  readonly agent: number;
  readonly execution: ExecutionWindow;
  /** Why it failed, in the words of its session. */
  readonly failure: string | undefined;
}

/** One compaction of an agent's history, whether the trace has an event of it or the wire log alone knows it. */
export interface PageCompaction {
  readonly agent: number;
  /** Unix milliseconds: when its first request was sent; without one, when it was installed. */
  readonly at: number;
  /** Of its requests, in milliseconds; `undefined`: not recorded. */
  readonly lastedMs: number | undefined;
  /** Items of the history it left; `undefined`: the trace has no event of it. */
  readonly items: number | undefined;
  readonly isFailed: boolean;
  /** Numbers of the requests of its agent around it; -1 for none. */
  readonly previous: number;
  readonly next: number;
  /** A {@link WireChain}; `undefined`: the wire log, if there is one, has nothing of it. */
  readonly chain: TextId | undefined;
}

export interface PageRequest {
  readonly callId: string;
  readonly agent: number;
  /** -1 when the recording does not have the turn. */
  readonly turn: number;
  readonly model: string;
  readonly provider: string;
  readonly execution: ExecutionWindow;
  /** Of its response; of one that did not complete, from the wire log. */
  readonly responseId: string | null;
  readonly upstreamId: string | null;
  readonly usage: TokenUsageCounters | null;
  readonly failure: string | undefined;
  readonly verdict: CacheVerdict;
  /** Number of the request before it in its thread; -1 for none. */
  readonly previous: number;
  readonly members: readonly (readonly [name: string, text: TextId])[];
  /** Texts of the elements of `input`; `undefined` when the recording does not have the request. */
  readonly input: InputList | undefined;
  /** The items the model saw, as numbers of items: `request_item_ids` of the state. */
  readonly seen: InputList;
  readonly response: TextId | undefined;
  readonly output: readonly number[];
  readonly tools: readonly number[];
  readonly requestPayload: string;
  readonly responsePayload: string | null;
  /** `undefined`: the wire log, if there is one, has nothing of it. */
  readonly wire: PageRequestWire | undefined;
}

/** How a request travelled, as far as lists show it. */
export interface PageRequestWire {
  readonly transport: "http" | "websocket";
  /** Over WebSocket: the id of the connection, by preference the `x-request-id` of its handshake. */
  readonly connection: NamedId | undefined;
  /** How often it was sent, all tries of the turn counted; 0 for those that are not the first of them. */
  readonly sent: number;
  /** In a few words, why this try ended as it did; a try that was the only one has the sentence of its finding. */
  readonly reason: string | undefined;
  /** What is to be said of it; the text of `chain` has the whole diagnosis. */
  readonly finding: PageFinding | undefined;
  /** A {@link WireChain}. */
  readonly chain: TextId;
}

export interface PageFinding extends Pick<WireFinding, "severity"> {
  readonly code: string;
  readonly sentence: string;
}

/** All that was tried to get one response. */
export interface WireChain {
  /** `turn`, `compaction`, `prewarm`, … */
  readonly kind: string;
  /** Numbers of the requests it became in the trace: each try of a turn is one. */
  readonly requests: readonly number[];
  readonly diagnosis: ChainDiagnosis | undefined;
  readonly attempts: readonly ChainAttempt[];
}

export interface ChainDiagnosis extends Pick<
  WireDiagnosis,
  "code" | "firstCode" | "sentence" | "advice" | "isNothingToSend"
> {
  /** The ids of every attempt that failed, as they are sent to support. */
  readonly ids: string;
  /** The one of them that says most. */
  readonly id: NamedId | undefined;
}

/** An id with the name it has for a person. */
export type NamedId = WireNamedId;

export interface ChainAttempt extends Pick<
  WireAttempt,
  "started" | "responded" | "ended" | "retry" | "auth" | "switched"
> {
  /** Number of its request; -1 for what the trace does not have. */
  readonly request: number;
  readonly stalls: number;
  /** Its longest silence in milliseconds, where that is one to name; otherwise 0. */
  readonly silentMs: number;
  /** Milliseconds from its start to that silence; `undefined` where there is none, or the log does not say. */
  readonly silentFromMs: number | undefined;
  readonly closed: WireConnection["closed"];
  readonly ids: readonly NamedId[];
}

/** The wire log as a whole. */
export interface PageWire {
  readonly summary: Pick<WireSummary, "connections" | "retries" | "switches">;
  /** Attempts by what they were, e.g. `over HTTP`; those that are not there are left out. */
  readonly counts: readonly (readonly [transport: string, counts: readonly WireCount[]])[];
  readonly lost: WireSummary["lost"];
  /** Chains of which no request is in the list: warm-ups, compactions. */
  readonly others: readonly {
    readonly kind: string;
    readonly finding: PageFinding | undefined;
    readonly chain: TextId;
  }[];
  readonly diagnostics: readonly WireDiagnostic[];
}

export interface WireCount {
  readonly what: "request" | "warm-up" | "handshake";
  readonly count: number;
  readonly failed: number;
}

export interface PageItem {
  readonly id: string;
  readonly agent: number;
  readonly role: ConversationRole;
  readonly kind: ConversationItemKind;
  readonly channel: ConversationChannel | null;
  readonly callId: string | null;
  readonly between: AgentMessageAddress | undefined;
  readonly firstSeen: number;
  readonly producers: readonly ItemProducer[];
  /** A Responses item, or `{"type":"parts","parts":[…]}` for what no request or response held. */
  readonly text: TextId;
  /** Number of the first item that is the same but for its id; `undefined`: it is that item itself. */
  readonly sameAs: number | undefined;
  /** Characters of that text. */
  readonly size: number;
}

export type ItemProducer =
  | { readonly request: number }
  | { readonly tool: number }
  | { readonly other: string };

export interface PageTool {
  readonly id: string;
  readonly name: string;
  readonly agent: number;
  readonly turn: number;
  /** The request whose response started it; -1 when that is not known. */
  readonly request: number;
  readonly execution: ExecutionWindow;
  readonly summary: ToolCall["summary"];
  readonly operation: number;
  readonly callItems: readonly number[];
  readonly outputItems: readonly number[];
}

/** A command, or text that was written to a running one. */
export interface PageOperation {
  /** What a person would have typed. */
  readonly input: string;
  /** Of a command: where it ran. */
  readonly cwd: string | undefined;
  readonly exitCode: number | null;
  /** What it printed, as a JSON string. */
  readonly output: TextId | undefined;
}

/** Where each text is. */
export interface TextTable {
  /** Characters of each text. */
  readonly lengths: readonly number[];
  /** First text of each block. */
  readonly firsts: readonly number[];
}

/** Stands for a text that was too long for the page. */
export interface CutText {
  readonly type: "cut_text";
  readonly bytes: number;
  /** Lower-case hex. */
  readonly sha256: string;
  readonly head: string;
  readonly tail: string;
}
