import type {
  AgentThread,
  ConversationItem,
  ConversationProducer,
  ExecutionWindow,
  InferenceCall,
  ReducedTrace,
  TerminalOperation,
  TextId,
  ToolCall,
  TraceContents,
} from "@codex-ts/rollout-trace";
import { buildLedger, serviceTiers } from "@codex-ts/rollout-trace/ledger";
import type { PriceList } from "@codex-ts/rollout-trace/ledger";
import type { WireLog } from "@codex-ts/rollout-trace/wire";
import { judgeCaching } from "@codex-ts/rollout-trace/requests";
import type {
  ItemProducer,
  PageAgent,
  PageIndex,
  PageItem,
  PageOperation,
  PageRequest,
  PageTool,
  PageTrace,
  PageTurn,
  TextTable,
} from "@codex-ts/trace-viewer-page/format";
import { pageCompactions } from "./page-compactions.ts";
import { pageWire } from "./page-wire.ts";
import type { PageWireParts } from "./page-wire.ts";
import { SharedLists } from "./shared-lists.ts";
import type { TextBlocks } from "./text-blocks.ts";

interface IndexOptions {
  readonly blocks: TextBlocks;
  readonly wireLog: WireLog;
  readonly prices: PriceList | undefined;
}

/** Puts the texts of a trace into blocks and returns the index of the page, which waits for their table. */
export function buildIndex(
  contents: TraceContents,
  { blocks, prices, wireLog }: IndexOptions,
): (texts: TextTable) => PageIndex {
  const { state, diagnostics, texts, turnFailures } = contents;
  for (const text of texts) blocks.add(text);
  const numbers = numbersOf(contents);
  const items = withTwins(
    numbers.items.list.map((item) => pageItem(item, contents, numbers, blocks)),
    (id) => texts[id] ?? "",
  );
  const wire = pageWire(state, wireLog, { requestOf: (id) => numbers.requests.of(id), blocks });
  const requests = pageRequests(contents, numbers, wire);
  const prepared: Omit<PageIndex, "texts"> = {
    version: 1,
    writer: "codex-ts",
    trace: pageTrace(state),
    agents: numbers.agents.list.map((thread) => pageAgent(thread, numbers)),
    turns: numbers.turns.list.map((turn) => ({
      turnId: turn.codex_turn_id,
      agent: numbers.agents.of(turn.thread_id) ?? -1,
      execution: turn.execution,
      failure: turnFailures.get(turn.codex_turn_id),
    })) satisfies PageTurn[],
    requests,
    items,
    tools: numbers.tools.list.map((tool) => pageTool(tool, numbers)),
    compactions: pageCompactions(state, wire.compactions, {
      calls: numbers.requests.list,
      agentOf: (threadId) => numbers.agents.of(threadId) ?? -1,
    }),
    compactionRequests: Object.values(state.compaction_requests),
    edges: Object.values(state.interaction_edges),
    operations: numbers.operations.list.map((operation) => pageOperation(operation, blocks)),
    cells: Object.values(state.code_cells).map(({ code_cell_id, execution, runtime_status }) => ({
      code_cell_id,
      execution,
      runtime_status,
    })),
    diagnostics,
    ledger: buildLedger(state, {
      prices,
      wire: wire.join,
      serviceTierOf: serviceTiers(contents),
    }),
    wire: wire.whole,
    pricesAsOf: prices?.as_of,
  };
  return (table) => ({ ...prepared, texts: table });
}

/** Things in an order, and the number of each by its id. */
interface Numbered<T> {
  readonly list: readonly T[];
  of(id: string): number | undefined;
}

interface Numbers {
  readonly agents: Numbered<AgentThread>;
  readonly turns: Numbered<ReducedTrace["codex_turns"][string]>;
  readonly requests: Numbered<InferenceCall>;
  readonly items: Numbered<ConversationItem>;
  readonly tools: Numbered<ToolCall>;
  readonly operations: Numbered<TerminalOperation>;
  /** By id of a tool call: the request whose response started it. */
  readonly requestOfTool: ReadonlyMap<string, number>;
}

function numbersOf({ state, requests }: TraceContents): Numbers {
  const calls = requests.flatMap(({ inferenceCallId: id }) => own(state.inference_calls, id) ?? []);
  const requestOfTool = new Map(
    calls.flatMap((call, number) =>
      call.tool_call_ids_started_by_response.map((id) => [id, number] as const),
    ),
  );
  return {
    agents: numbered(byStart(Object.values(state.threads)), ({ thread_id: id }) => id),
    turns: numbered(byStart(Object.values(state.codex_turns)), ({ codex_turn_id: id }) => id),
    requests: numbered(calls, ({ inference_call_id: id }) => id),
    items: numbered(byNumber(Object.values(state.conversation_items)), ({ item_id: id }) => id),
    tools: numbered(byStart(Object.values(state.tool_calls)), ({ tool_call_id: id }) => id),
    operations: numbered(Object.values(state.terminal_operations), ({ operation_id: id }) => id),
    requestOfTool,
  };
}

function numbered<T>(list: readonly T[], idOf: (one: T) => string): Numbered<T> {
  const numbers = new Map(list.map((one, number) => [idOf(one), number]));
  return { list, of: (id) => numbers.get(id) };
}

/** Things that are not part of the recording have no number. */
function allOf(ids: readonly string[], of: Numbered<unknown>): number[] {
  return ids.flatMap((id) => of.of(id) ?? []);
}

function byStart<T extends { readonly execution: ExecutionWindow }>(list: readonly T[]): T[] {
  return list.toSorted((left, right) => left.execution.started_seq - right.execution.started_seq);
}

/** Items are numbered in the order in which they appeared. */
function byNumber(items: readonly ConversationItem[]): ConversationItem[] {
  return items.toSorted((left, right) => numberOf(left) - numberOf(right));
}

function numberOf({ item_id: id }: ConversationItem): number {
  return Number(id.split(":")[1]);
}

/** Ids of a bundle may be names of built-in members. */
function own<T>(map: Readonly<Record<string, T>>, id: string): T | undefined {
  return Object.hasOwn(map, id) ? map[id] : undefined;
}

function pageTrace(state: ReducedTrace): PageTrace {
  const flag = state.recording_complete;
  return {
    schemaVersion: state.schema_version,
    traceId: state.trace_id,
    rolloutId: state.rollout_id,
    rootThreadId: state.root_thread_id,
    startedAt: state.started_at_unix_ms,
    endedAt: state.ended_at_unix_ms,
    status: state.status,
    recording:
      state.recording_status ?? (flag === undefined ? "unknown" : flag ? "complete" : "unclosed"),
  };
}

function pageAgent(thread: AgentThread, { agents }: Numbers): PageAgent {
  const { origin } = thread;
  return {
    threadId: thread.thread_id,
    path: thread.agent_path,
    nickname: thread.nickname,
    origin,
    execution: thread.execution,
    model: thread.default_model,
    parent: origin.type === "spawned" ? agents.of(origin.parent_thread_id) : undefined,
  };
}

function pageRequests(
  contents: TraceContents,
  numbers: Numbers,
  wire: PageWireParts,
): PageRequest[] {
  const verdicts = judgeCaching(contents);
  const seen = new SharedLists<string>((id) => numbers.items.of(id));
  return numbers.requests.list.flatMap((call, number) => {
    const request = contents.requests[number];
    const verdict = verdicts[number];
    if (request === undefined || verdict === undefined) return [];
    const agent = numbers.agents.of(call.thread_id) ?? -1;
    return {
      callId: call.inference_call_id,
      agent,
      turn: numbers.turns.of(call.codex_turn_id) ?? -1,
      model: call.model,
      provider: call.provider_name,
      execution: call.execution,
      responseId: call.response_id ?? wire.responseIdOf(call) ?? null,
      upstreamId: call.upstream_request_id,
      usage: call.usage,
      failure: request.failure,
      verdict: { ...verdict, reason: withItemNumber(verdict.reason) },
      previous: (verdict.previous ?? 0) - 1,
      members: request.members,
      input: request.input,
      seen: seen.add(agent, number, call.request_item_ids),
      response: request.response,
      output: allOf(call.response_item_ids, numbers.items),
      tools: allOf(call.tool_call_ids_started_by_response, numbers.tools),
      requestPayload: call.raw_request_payload_id,
      responsePayload: call.raw_response_payload_id,
      wire: wire.of(call),
    };
  });
}

/** Lists count items from 1, a JSON pointer from 0. */
export function withItemNumber(reason: string): string {
  return reason.replace(
    /\/input\/(\d+)\S*/,
    (pointer, index) => `item ${Number(index) + 1} (${pointer})`,
  );
}

function pageItem(
  item: ConversationItem,
  { itemTexts }: TraceContents,
  numbers: Numbers,
  blocks: TextBlocks,
): Omit<PageItem, "sameAs"> {
  const text =
    itemTexts.get(item.item_id) ??
    blocks.add(JSON.stringify({ type: "parts", parts: item.body.parts }));
  return {
    id: item.item_id,
    agent: numbers.agents.of(item.thread_id) ?? -1,
    role: item.role,
    kind: item.kind,
    channel: item.channel,
    callId: item.call_id,
    between: item.agent_message,
    firstSeen: item.first_seen_at_unix_ms,
    producers: item.produced_by.map((producer) => itemProducer(producer, numbers)),
    text,
    size: blocks.lengthOf(text),
  };
}

/** An item whose id was made anew is another one for a server, but not for a reader. */
function withTwins(
  items: readonly Omit<PageItem, "sameAs">[],
  textOf: (id: TextId) => string,
): readonly PageItem[] {
  const first = new Map<string, number>();
  return items.map((item, number) => {
    const contents = `${item.agent} ${withoutId(textOf(item.text))}`;
    const twin = textOf(item.text) === "" ? number : (first.get(contents) ?? number);
    first.set(contents, twin);
    return { ...item, sameAs: twin === number ? undefined : twin };
  });
}

function withoutId(text: string): string {
  return text.replace(/"id":"[^"]*",?/, "");
}

function itemProducer(producer: ConversationProducer, numbers: Numbers): ItemProducer {
  switch (producer.type) {
    case "inference": {
      const request = numbers.requests.of(producer.inference_call_id);
      return request === undefined ? { other: producer.inference_call_id } : { request };
    }
    case "tool": {
      const tool = numbers.tools.of(producer.tool_call_id);
      return tool === undefined ? { other: producer.tool_call_id } : { tool };
    }
    case "code_cell":
      return { other: producer.code_cell_id };
    case "compaction":
      return { other: `compaction ${producer.compaction_id}` };
  }
  return producer satisfies never;
}

function pageTool(tool: ToolCall, numbers: Numbers): PageTool {
  const { kind } = tool;
  const turn = tool.started_by_codex_turn_id;
  const operation = tool.terminal_operation_id;
  return {
    id: tool.tool_call_id,
    name:
      kind.type === "mcp"
        ? `${kind.server}/${kind.tool}`
        : kind.type === "other"
          ? kind.name
          : kind.type,
    agent: numbers.agents.of(tool.thread_id) ?? -1,
    turn: turn === null ? -1 : (numbers.turns.of(turn) ?? -1),
    request: numbers.requestOfTool.get(tool.tool_call_id) ?? -1,
    execution: tool.execution,
    summary: tool.summary,
    operation: operation === null ? -1 : (numbers.operations.of(operation) ?? -1),
    callItems: allOf(tool.model_visible_call_item_ids, numbers.items),
    outputItems: allOf(tool.model_visible_output_item_ids, numbers.items),
  };
}

function pageOperation({ request, result }: TerminalOperation, blocks: TextBlocks): PageOperation {
  const printed =
    result && result.stdout + (result.stderr === "" ? "" : `\n--- stderr ---\n${result.stderr}`);
  return {
    input: request.type === "exec_command" ? commandLine(request) : request.stdin,
    cwd: request.type === "exec_command" ? request.cwd : undefined,
    exitCode: result?.exit_code ?? null,
    output: printed === null || printed === "" ? undefined : blocks.add(JSON.stringify(printed)),
  };
}

/** Nearly all commands are lines for a shell. */
function commandLine({
  command,
  display_command: shown,
}: Extract<TerminalOperation["request"], { type: "exec_command" }>): string {
  const [, option, line] = command;
  return command.length === 3 && option?.startsWith("-") === true ? (line ?? shown) : shown;
}
