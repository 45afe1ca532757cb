import type { AttemptEnded } from "@codex-ts/api";
import type {
  AgentEvent,
  InferenceSummary,
  ThreadEvent,
  TurnEvent,
  TurnItem,
} from "@codex-ts/core";
import { type FileChanges, functionCallOutputText, isJsonObject } from "@codex-ts/protocol";
import type { CliProcess } from "../cli-process.ts";
import type { ColorMode } from "../exec-choices.ts";
import { clipId, clipLine } from "./clip.ts";
import { formatMilliseconds, inferenceLine } from "./inference-line.ts";
import { LineWriter } from "./line-writer.ts";
import { patchLines } from "./patch-lines.ts";
import { StatusLine } from "./status-line.ts";
import { stripControl, stripToOneLine } from "./strip-control.ts";
import { type Style, createStyle } from "./style.ts";
import { TurnProgress } from "./turn-progress.ts";
import type { ThreadFacts, TurnRenderer } from "./turn-renderer.ts";
import { withoutWebPage } from "./web-page.ts";

/** Events that show nothing themselves, and may stand between the last request of a turn and the line after the turn. */
const COMES_AFTER_LAST_REQUEST: ReadonlySet<TurnEvent["type"]> = new Set<TurnEvent["type"]>([
  "rawItem",
  "tokenCount",
  "compactionInstalled",
  "reviewCompleted",
  "turnCompleted",
  "turnAborted",
  "turnFailed",
]);

/** A warning before the first one says why. */
const REFUSAL = "refused: the command was not run";

interface HumanRendererOptions {
  /** Default `auto`. */
  readonly color?: ColorMode | undefined;
  /** Text the user is typing while a turn runs. Default: nothing that is shown. */
  readonly typed?: (() => string) | undefined;
}

/** Progress for a person on stderr as it happens, the final message alone on stdout. */
export function createHumanRenderer(
  cliProcess: Pick<CliProcess, "stdout" | "stderr" | "env">,
  options: HumanRendererOptions = {},
): TurnRenderer {
  return new HumanRenderer(cliProcess, options);
}

class HumanRenderer implements TurnRenderer {
  readonly #process: Pick<CliProcess, "stdout" | "stderr">;
  readonly #style: Style;
  readonly #lines: LineWriter;
  readonly #status: StatusLine;
  /** Of the turn that runs. */
  #progress: TurnProgress | undefined;
  /** Of patches whose item has not been shown yet, by its id. */
  readonly #patches = new Map<string, FileChanges>();
  /** Items of which a part is on the screen already. */
  readonly #streamedItems = new Set<string>();
  /** Command lines of those that run, by their item. */
  readonly #running = new Map<string, string>();
  #lastCause = "";
  /** A request that has ended, until something follows: the line after the turn says all of its last one. */
  #ended: InferenceSummary | undefined;

  constructor(
    cliProcess: Pick<CliProcess, "stdout" | "stderr" | "env">,
    { color, typed }: HumanRendererOptions,
  ) {
    this.#process = cliProcess;
    this.#style = createStyle(cliProcess.stderr, cliProcess.env, color);
    this.#status = new StatusLine(cliProcess.stderr, {
      style: this.#style,
      env: cliProcess.env,
      text: () => (this.#lines.isMidLine ? undefined : this.#progress?.status()),
      typed,
    });
    this.#lines = new LineWriter((text) => this.#status.write(text));
  }

  threadStarted({ thread, model, providerId, cwd, sandboxMode, review }: ThreadFacts): void {
    const rows = [
      ["thread", thread.threadId],
      ["model", `${model} (${providerId})`],
      ["directory", cwd],
      ["sandbox", sandboxMode],
      ...(review === undefined ? [] : [["review", review]]),
      ...(thread.bundlePath === undefined ? [] : [["trace", thread.bundlePath]]),
    ];
    for (const [name = "", value = ""] of rows) {
      this.#lines.line(this.#style("dim", `${name.padEnd(10)}${stripToOneLine(value)}`));
    }
  }

  readonly attemptEnded = (attempt: AttemptEnded): void => {
    const { endpoint, attemptNumber, outcome, retry } = attempt;
    if (retry.willRetry) {
      this.#progress?.noteRetry();
      const delay = formatMilliseconds(retry.delayMs);
      this.#line(
        "yellow",
        `attempt ${attemptNumber + 1} failed, the next one in ${delay}${this.#causeOf(attempt)}`,
      );
    } else if (endpoint === "handshake" && outcome === "failed") {
      const cause = this.#causeOf(attempt);
      if (cause !== "") this.#line("yellow", `no WebSocket connection${cause}`);
    }
  };

  /** Why an attempt failed, unless the one before it failed in the same way. */
  #causeOf({ error, upstreamRequestId: id }: AttemptEnded): string {
    const message = withoutWebPage(error?.message ?? "no response");
    const cause = ` (${stripToOneLine(message)}${id === undefined ? "" : `, request id: ${clipId(id)}`})`;
    const isNews = cause !== this.#lastCause;
    this.#lastCause = cause;
    return isNews ? cause : "";
  }

  readonly threadEvent = ({ msg, facts }: ThreadEvent): void => {
    if (msg.type !== "patch_apply_begin" && msg.type !== "patch_apply_end") return;
    const { itemId } = facts as { readonly itemId: string };
    this.#patches.set(itemId, msg.changes);
  };

  readonly clear = (): void => this.#status.clear();

  readonly refresh = (): void => this.#status.refresh();

  turnEvent(event: TurnEvent): void {
    if (event.type === "turnStarted") {
      this.#progress = new TurnProgress();
      this.#status.start();
    }
    this.#progress?.note(event);
    if (!COMES_AFTER_LAST_REQUEST.has(event.type)) this.#showRequest();
    this.#show(event);
  }

  #show(event: TurnEvent): void {
    switch (event.type) {
      case "agentMessageDelta":
        return this.#stream(event.itemId, event.delta);
      case "reasoningDelta":
        return this.#stream(event.itemId, event.delta, "dim");
      case "commandOutputDelta":
        return this.#stream(event.itemId, event.chunk, "dim");
      case "itemStarted":
        return this.#itemStarted(event.item);
      case "itemUpdated":
        return this.#itemUpdated(event.item);
      case "itemCompleted":
        return this.#itemCompleted(event.item);
      case "inferenceFinished":
        this.#ended = event.inference;
        return;
      case "streamRetry":
        return this.#line("yellow", `${event.message} (${withoutWebPage(event.details)})`);
      case "warning":
        return this.#line("yellow", `warning: ${event.message}`);
      case "compactionStarted":
        return this.#line("dim", "compacting the history");
      case "agentEvent":
        return this.#agentEvent(event);
      case "turnCompleted":
        this.#turnEnded("completed");
        return this.#finalMessage(event.lastAgentMessage);
      case "turnAborted":
        return this.#turnEnded("stopped");
      // The failure is reported as the error of the command, below what was streamed.
      case "turnFailed":
        return this.#turnEnded("failed");
      // A chat asks for itself; nothing else does.
      case "approvalRequested":
      case "approvalResolved":
      case "turnStarted":
      case "inferenceStarted":
      case "compactionInstalled":
      // A message with the same follows.
      case "reviewCompleted":
      case "rawItem":
      case "tokenCount":
        return;
      default:
        event satisfies never;
    }
  }

  /** Of what agents do only where it begins and ends, and what goes wrong; their texts reach the model. */
  #agentEvent({ agent, event }: AgentEvent): void {
    const line = AGENT_LINES.find(({ type }) => type === event.type);
    if (line === undefined) return;
    const name = agent.path ?? agent.nickname ?? agent.threadId;
    this.#line(line.format, `agent ${name}: ${line.text ?? agentTrouble(event)}`);
  }

  #stream(itemId: string, text: string, format?: "dim"): void {
    if (!this.#streamedItems.has(itemId)) {
      this.#lines.endLine();
      this.#streamedItems.add(itemId);
    }
    const plain = stripControl(text);
    if (format === undefined) this.#lines.piece(plain);
    else this.#lines.piece(plain, (piece) => this.#style(format, piece));
  }

  #itemStarted(item: TurnItem): void {
    if (item.type === "command_execution") {
      this.#running.set(item.id, item.command);
      this.#line("cyan", `$ ${item.command}`);
    }
    if (item.type === "file_change") this.#patch(item);
    if (item.type === "dynamic_tool_call") {
      this.#line("cyan", `${item.tool} ${JSON.stringify(item.arguments)}`);
    }
    if (item.type === "mcp_tool_call") {
      this.#line("cyan", `${item.server}.${item.tool} ${JSON.stringify(item.arguments)}`);
    }
    if (item.type === "collab_tool_call") this.#line("cyan", item.tool);
    this.#itemUpdated(item);
  }

  #patch(item: Extract<TurnItem, { readonly type: "file_change" }>): void {
    const changes = this.#patches.get(item.id);
    if (changes === undefined) {
      for (const { kind, path } of item.changes) this.#line("cyan", `${kind} ${path}`);
      return;
    }
    this.#patches.delete(item.id);
    for (const line of patchLines(changes, this.#style)) this.#lines.line(line);
  }

  /** Plans alone change while they are open. */
  #itemUpdated(item: TurnItem): void {
    if (item.type !== "todo_list") return;
    this.#line("cyan", item.items.length === 0 ? "plan: no steps" : "plan");
    for (const { text, completed } of item.items) {
      this.#line(completed ? "dim" : "cyan", `[${completed ? "x" : " "}] ${text}`);
    }
  }

  #itemCompleted(item: TurnItem): void {
    const wasStreamed = this.#streamedItems.delete(item.id);
    this.#running.delete(item.id);
    this.#lines.endLine();
    if (item.type === "error") return this.#line("yellow", `warning: ${item.message}`);
    if (item.type === "command_execution") {
      if (!wasStreamed && item.aggregated_output !== "") this.#block(item.aggregated_output, "dim");
      return this.#commandEnded(item.status, item.exit_code);
    }
    if (item.type === "dynamic_tool_call") {
      const text = functionCallOutputText(item.content_items ?? []);
      if (text !== null && text !== "") this.#block(text, "dim");
      return this.#line(item.status === "completed" ? "green" : "red", item.status);
    }
    if (item.type === "mcp_tool_call") {
      const text = item.error?.message ?? mcpText(item);
      if (text !== "") this.#block(text, "dim");
      return this.#line(item.status === "completed" ? "green" : "red", item.status);
    }
    if (item.type === "file_change") {
      this.#patches.delete(item.id);
      if (item.status === "failed") this.#line("red", "failed");
      return;
    }
    if (item.type === "web_search") {
      return this.#line("cyan", item.query === "" ? "searched the web" : `searched: ${item.query}`);
    }
    // Its last form is on the screen.
    if (item.type === "todo_list") return;
    if (item.type === "collab_tool_call") {
      if (item.status === "failed") this.#line("red", `${item.tool}: failed`);
      return;
    }
    if (!wasStreamed) this.#block(item.text, item.type === "reasoning" ? "dim" : undefined);
  }

  #commandEnded(status: string, exitCode: number | null): void {
    if (status === "declined") return this.#line("red", REFUSAL);
    this.#line(status === "completed" ? "green" : "red", `${status}, exit code ${exitCode ?? "-"}`);
  }

  #showRequest(): void {
    const request = this.#ended;
    this.#ended = undefined;
    if (request !== undefined) this.#line("dim", inferenceLine(request));
  }

  #turnEnded(end: Parameters<TurnProgress["summary"]>[0]): void {
    const summary = this.#progress?.summary(end);
    this.#progress = undefined;
    this.#status.end();
    if (summary === undefined) this.#showRequest();
    this.#ended = undefined;
    this.#lines.endLine();
    if (end === "completed") {
      for (const command of this.#running.values()) {
        this.#line("yellow", `not ended when the turn did: $ ${command}`);
      }
    }
    this.#running.clear();
    if (end === "stopped") this.#line("yellow", summary ?? end);
    else if (summary !== undefined) this.#line("dim", summary);
  }

  /** On one terminal the message has been streamed already and would appear twice. */
  #finalMessage(message: string | null): void {
    const { stdout, stderr } = this.#process;
    this.#lines.endLine();
    if (message === null || (stdout.isTTY === true && stderr.isTTY === true)) return;
    stdout.write(`${stripControl(message)}\n`);
  }

  #line(format: Parameters<Style>[0], text: string): void {
    this.#lines.line(this.#style(format, clipLine(stripToOneLine(text))));
  }

  #block(text: string, format?: "dim"): void {
    const plain = stripControl(text).replace(/\n$/, "");
    this.#lines.line(format === undefined ? plain : this.#style(format, plain));
  }
}

/** The result of a call of an MCP tool, for people: its texts, and the kind of all else. */
function mcpText({ result }: Extract<TurnItem, { readonly type: "mcp_tool_call" }>): string {
  const parts = (result?.content ?? []).map((part) => {
    const { type, text } = isJsonObject(part) ? part : {};
    if (type === "text" && typeof text === "string") return text;
    return `(${typeof type === "string" ? type : "unreadable"})`;
  });
  return parts.join("\n");
}

/** How events of agents are shown; those without a text say what went wrong. */
const AGENT_LINES: readonly {
  readonly type: TurnEvent["type"];
  readonly format: Parameters<Style>[0];
  readonly text?: string;
}[] = [
  { type: "turnStarted", format: "cyan", text: "started" },
  { type: "turnCompleted", format: "green", text: "done" },
  { type: "turnAborted", format: "yellow", text: "stopped" },
  { type: "turnFailed", format: "red" },
  { type: "streamRetry", format: "yellow" },
  { type: "warning", format: "yellow" },
];

function agentTrouble(event: AgentEvent["event"]): string {
  if (event.type === "turnFailed") return withoutWebPage(event.error.message);
  if (event.type === "streamRetry" || event.type === "warning") return event.message;
  return "";
}
