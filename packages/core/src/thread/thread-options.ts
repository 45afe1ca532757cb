import type { ErrorPolicy, Network } from "@codex-ts/api";
import type {
  Compatibility,
  ImageDetail,
  JsonObject,
  ModelInfo,
  SessionSource,
  TextElement,
  TokenUsageInfo,
} from "@codex-ts/protocol";
import type { ModelProvider } from "@codex-ts/model-provider";
import type {
  ThreadTrace,
  TraceLimits,
  TraceSchemaVersion,
} from "@codex-ts/rollout-trace/recorder";
import type { OnApproval } from "../approvals/approval-request.ts";
import type { SubagentOptions } from "../agents/subagent-options.ts";
import type { TransportListeners } from "../client/transport-listeners.ts";
import type { ExecPolicy } from "../exec-policy/exec-policy.ts";
import type { WorkspaceReading } from "../context/workspace/workspace-reading.ts";
import type { ApprovalPolicy, SandboxMode, UserInstructions } from "../policies.ts";
import type { Skill } from "../context/skills/skill.ts";
import type { CodeMode } from "../tools/code-mode/code-mode.ts";
import type { OnMcpElicitation } from "../tools/mcp/elicitation.ts";
import type { McpResourceAddress, McpResourceReading } from "../tools/mcp/read-mcp-resource.ts";
import type { McpServerStatus } from "../tools/mcp/mcp-server-status.ts";
import type { McpServers } from "../tools/mcp/mcp-server-options.ts";
import type { WorkspaceWriteOptions } from "../tools/sandbox/writable-roots.ts";
import type { CommandEnvironmentPolicy } from "../tools/exec/environment-policy.ts";
import type { ReviewTarget } from "../review/review-target.ts";
import type { AskUser } from "../tools/input/ask-user.ts";
import type { CollaborationMode } from "../turn/collaboration-mode.ts";
import type { WebSearchMode, WebSearchOptions } from "../tools/hosted/web-search.ts";
import type { Tool } from "../tools/tool.ts";
import type { ThreadEvent } from "../events/thread-event.ts";
import type { TurnEvent } from "../events/turn-event.ts";

/** Where a trace bundle of the thread is written. The bundle gets a directory of its own inside `root`. */
export interface ThreadTraceOptions {
  /**
   * Directory that holds bundles; made when missing. A root that cannot be written causes a warning, never a failure.
   */
  readonly root: string;
  /**
   * Default: that of `compatibility`, 3 for 0.171 and 1 for 0.140. Each Codex reads one schema: 0.171 reads 3, 0.169
   * reads 2, 0.132 to 0.140 read 1.
   */
  readonly schemaVersion?: TraceSchemaVersion;
  /** How much a bundle of schema 3 may hold. Default: no limits. */
  readonly limits?: TraceLimits;
  /**
   * Whether `wire.jsonl` is written beside the trace: every attempt on the wire with its times, ids and failure, without
   * content. `frames` adds the time and size of every event. Default true.
   */
  readonly wireLog?: boolean | "frames";
}

/** Everything a thread needs to know. Time, randomness and the environment have defaults from the process. */
export interface ThreadOptions extends TransportListeners {
  readonly provider: ModelProvider;
  /** Metadata of the model, e.g. from `findModelInfo`; a slug alone gets careful fallback metadata. */
  readonly model: string | ModelInfo;
  /**
   * Models that are known, e.g. from `readModelCatalog`: slugs in options are looked up here, and so is the model a
   * resumed session was last with. Default: none is known.
   */
  readonly models?: readonly ModelInfo[];
  /** Working directory of the agent, absolute. */
  readonly cwd: string;
  /** UUID of this installation, kept by the application between runs. */
  readonly installationId: string;
  /**
   * Default `read-only`. The restricted modes need Linux and the program `bwrap`; without it every command is refused with
   * a sentence that says so.
   */
  readonly sandboxMode?: SandboxMode;
  /** Rights of the mode `workspace-write` beyond the working directory and the directories for temporary files. */
  readonly workspaceWrite?: WorkspaceWriteOptions;
  /** Default `never`. */
  readonly approvalPolicy?: ApprovalPolicy;
  /**
   * Asks the user whether a command may run or files may be changed, as `approvalPolicy` wants it; the call waits for the
   * decision. Threads of agents ask it, too. Default: nobody can be asked, and what needs an approval is refused.
   */
  readonly onApproval?: OnApproval;
  /**
   * Rules about commands, e.g. from `readExecPolicy`: they allow commands without asking and without a sandbox, have the user asked, or
   * forbid. Prefixes that the user allows are added to them. Default: no rules.
   */
  readonly execPolicy?: ExecPolicy;
  /**
   * Whether the model writes scripts in JavaScript that call the tools: `with_tools` beside calls of its own, `only` in
   * their place. Scripts run in an isolate, for which two optional packages must be installed (README). Default: what
   * the model of each turn is made for, by the member `tool_mode` of its metadata.
   */
  readonly codeMode?: CodeMode;
  /**
   * Whether the server may search the web for the model, where it has such a tool. Responses-lite models are not offered
   * it. Default `disabled`.
   */
  readonly webSearch?: WebSearchMode | WebSearchOptions;
  /**
   * Of the generation `0.140`: whether commands have sessions, so that the model can come back to one that still runs.
   * Else it is offered `shell_command`, which runs a command to its end. Default true.
   */
  readonly unifiedExec?: boolean;
  /**
   * Tools of the application, made by `defineTool`, that the model is offered after the built-in ones. Names must differ
   * from each other and from those of the built-in tools.
   */
  readonly tools?: readonly Tool[];
  /**
   * Definitions of those `tools` that a client brought along; kept in the first line of the session file (`dynamic_tools`), so
   * that they can be offered again when the session is resumed. Default: none.
   */
  readonly recordedTools?: readonly JsonObject[];
  /**
   * Servers of the Model Context Protocol, by name (letters, digits, and `_ - : @ / .`), whose tools and resources the model is
   * offered. They start side by side with the thread and end with it; the first turn waits for them (`mcpStartupWaitMs`). One
   * that does not start is a warning. Needs the optional package `@modelcontextprotocol/client`. Default: none.
   */
  readonly mcpServers?: McpServers;
  /**
   * Longest time the first turn waits for servers that are still starting, in milliseconds. Their tools are offered from the first
   * request after that on which they are ready; those that are `required` have started before there is a thread. Default: 1,000; as
   * 0.140, until all have started or failed.
   */
  readonly mcpStartupWaitMs?: number;
  /**
   * Puts questions of MCP servers to a person, unless the approval policy is `never`. Default: every question is
   * declined.
   */
  readonly onMcpElicitation?: OnMcpElicitation;
  /**
   * Asks the user what the model wants to know, in plan mode (`TurnOptions.collaborationMode`). Default: nobody can be
   * asked, and the model reads that.
   */
  readonly askUser?: AskUser;
  /** Whether the model may ask in every mode. Default false. */
  readonly questionsInEveryMode?: boolean;
  /**
   * Lets the model start agents: threads of their own that work beside this one and write to it. They share its trace
   * bundle, its tools and its settings, and end with it. Default: it may not.
   */
  readonly subagents?: SubagentOptions;
  /**
   * Default: no recording. A `ThreadTrace` is one started by the caller, e.g. as the child of another thread's; the
   * thread takes its id, records into it and closes it.
   */
  readonly trace?: ThreadTraceOptions | ThreadTrace;
  /**
   * Receives the warnings that no turn can emit: about options that have no effect, when the thread is made; trouble
   * with the trace since the last turn, when the thread is closed. Each is passed on once. Default: options are a
   * `warning` of the first turn, and trouble after the last turn is not reported.
   */
  readonly onWarning?: (message: string) => void;
  /**
   * Receives every moment of the thread at once, in order, from its making to its end: what trace, session file and
   * `TurnEvent`s are made of, in the form of Codex's protocol. What it throws is ignored. Default: nobody.
   */
  readonly onEvent?: (event: ThreadEvent) => void;
  /**
   * Codex's home directory, absolute: the thread is kept in a session file there, which Codex and `resumeThread` can go
   * on with. Default: the thread is not kept.
   */
  readonly codexHome?: string;
  /** Keeps nothing of this thread, also with a `codexHome`. Default false. */
  readonly ephemeral?: boolean;
  /** Default `exec`. */
  readonly sessionSource?: SessionSource;
  /**
   * Whether the application reports usage analytics, sent as `analytics_enabled`; this package never does. Default
   * false.
   */
  readonly analyticsEnabled?: boolean;
  /** Id of the root thread, for threads of subagents. Default: the thread's own id. */
  readonly sessionId?: string;
  /** Thread that started this one. Default: the parent a spawned thread's source names. */
  readonly parentThreadId?: string;
  /** Thread whose history this one began with. */
  readonly forkedFromThreadId?: string;
  /** Who asked for the thread, sent as `thread_source`; `null` sends none. Default `user`. */
  readonly threadSource?: string | null;
  /** Client name of the `originator` header and the user agent. Default `codex_ts`. */
  readonly originator?: string;
  /** Version shown in the user agent. Default `0.0.0`. */
  readonly clientVersion?: string;
  /** The whole `user-agent` header. Default: made from originator, version and this machine. */
  readonly userAgent?: string;
  /**
   * Names for the header `x-codex-beta-features`, in order, sent with every request but those to memories. They are the
   * features a Codex of the same configuration would name; a server may respond differently because of them. Default
   * none, and then no header.
   */
  readonly betaFeatures?: readonly string[];
  /**
   * The generation of Codex whose requests, verdicts on responses and traces are followed: `0.171`, today's, or `0.140`.
   * `errorPolicy` and `trace.schemaVersion` still override it. Default `0.171`.
   */
  readonly compatibility?: Compatibility;
  /** Default: that of `compatibility`, `0.169` for 0.171. */
  readonly errorPolicy?: ErrorPolicy;
  /**
   * Longest time of one response, from its request to its end, in milliseconds; the turn then fails with the code
   * `stream_max_duration`. Default: none.
   */
  readonly streamMaxDurationMs?: number;
  /**
   * Most requests of one turn, repeated ones included; the turn then fails with the code `turn_max_requests`. Default:
   * none.
   */
  readonly turnMaxRequests?: number;
  /** Metadata of the model that reviews; see `CodexThread.review`. Default: that of the turn. */
  readonly reviewModel?: ModelInfo;
  /** System text of every request. Default: the model's own, else the text of this package. */
  readonly baseInstructions?: string;
  /** Text of the application for the model, sent as a developer message at the start of the thread. */
  readonly developerInstructions?: string;
  /** Text of the user for the model (`AGENTS.md`), sent with the environment at the start of the thread. */
  readonly userInstructions?: string | UserInstructions;
  /** Skills the model reads of, e.g. from `readSkills`; `$name` in an input adds the text of one. Default none. */
  readonly skills?: readonly Skill[];
  /** The prompt by which a history is compacted without help of the server. Default: a text of ours. */
  readonly compactPrompt?: string;
  /**
   * How providers that compact a history themselves are asked to: by the endpoint of 0.140 (`v1`), or by an item of a
   * request (`v2`), which is the only way in 0.171. Default `v2`.
   */
  readonly remoteCompaction?: "v1" | "v2";
  /** Whether the model reads what the sandbox and approval settings allow. Default true. */
  readonly includePermissionsInstructions?: boolean;
  /** Default: the model's own. */
  readonly reasoningEffort?: string;
  /** Default: the model's own. */
  readonly reasoningSummary?: "auto" | "concise" | "detailed" | "none";
  /** Default: the model's own. Ignored with a warning when the model has no verbosity. */
  readonly verbosity?: "low" | "medium" | "high";
  /** Sent only when the model lists it. */
  readonly serviceTier?: string;
  /** Compresses requests where the server is known to take it. Default true. */
  readonly requestCompression?: boolean;
  /**
   * How this machine reaches the network: proxies and certificate authorities, for HTTP and WebSocket alike. Made once
   * per process by `networkFromEnvironment` of the api package; the thread does not close it. Default: direct
   * connections.
   */
  readonly network?: Network;
  /** undici dispatcher that carries HTTP requests. Default: that of `network`. */
  readonly dispatcher?: Network["dispatcher"];
  /** Sends every request over HTTP, also where the provider supports WebSockets. Default false. */
  readonly httpOnly?: boolean;
  /**
   * Longest wait for the beginning of a response, and for its first event where the provider's idle timeout is not
   * shorter; in milliseconds. A request that waits longer is sent again like one that broke. Default: the idle timeout.
   */
  readonly firstResponseTimeoutMs?: number;
  /**
   * Facts about the repository of `cwd`, begun by `beginWorkspaceReading` while the application was busy with something
   * else, for the first turn. The thread stops it. Default: begun when the thread is made.
   */
  readonly workspace?: WorkspaceReading | undefined;
  /** Shell of commands. Default `/bin/bash` where that can be run, else `/bin/sh`. */
  readonly shell?: string;
  /**
   * Environment commands inherit, without the variables that hold credentials of the provider. Default `process.env`.
   */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Which variables of `env` commands inherit, and which they get besides. Default: all that hold no such credential. */
  readonly commandEnvironment?: CommandEnvironmentPolicy;
  /** Unix milliseconds. Default `Date.now`. */
  readonly now?: () => number;
  /** Uniform in [0, 1). Default `Math.random`. */
  readonly random?: () => number;
  /** Waits between retries; rejects with the signal's reason when aborted. Default: a timer. */
  readonly sleep?: (ms: number, signal?: AbortSignal) => Promise<void>;
}

/** One thing a person hands to a turn, in the form of the app server: `UserInput` of the protocol package fits. */
export type TurnInput =
  | {
      readonly type: "text";
      readonly text: string;
      /** Parts that a client shows as something else; kept with the text, the model reads nothing of them. Default: none. */
      readonly text_elements?: readonly TextElement[];
    }
  | {
      readonly type: "image";
      /** A data URL, or one the server can fetch. */
      readonly image_url: string;
      /** Default `high`. */
      readonly detail?: ImageDetail;
    }
  | {
      /** An image of this machine. One that cannot be read is a text that says so. */
      readonly type: "local_image";
      /** Relative ones begin at the working directory. */
      readonly path: string;
      /** Default `high`. */
      readonly detail?: ImageDetail;
    }
  | {
      /** One of the thread's skills, whose text the model reads after the input. */
      readonly type: "skill";
      readonly name: string;
      /** Of its `SKILL.md`. */
      readonly path: string;
    }
  | {
      /** Something that a text names, e.g. a file; kept with the text, the model reads nothing of it. */
      readonly type: "mention";
      readonly name: string;
      readonly path: string;
    };

/** Options that may differ from turn to turn; what is left out is as the thread has it. */
export interface TurnOptions {
  /** Aborting ends the turn with `turnAborted`: the request is dropped, running commands are killed. */
  readonly signal?: AbortSignal;
  /**
   * Working directory of this turn, absolute. The model learns of a change. What belongs to the directory,
   * `userInstructions` and `skills`, is the caller's to read again.
   */
  readonly cwd?: string;
  /** See `ThreadOptions`. A history too large for a smaller model is compacted by the one before. */
  readonly model?: string | ModelInfo;
  readonly sandboxMode?: SandboxMode;
  readonly approvalPolicy?: ApprovalPolicy;
  /** `null`: there are none. A change is news to the model in 0.171 only. */
  readonly userInstructions?: string | UserInstructions | null;
  /** A change is news to the model in 0.171 only. */
  readonly skills?: readonly Skill[];
  /** Default: that of the model alone, without a word about it. A change is news to the model. */
  readonly collaborationMode?: CollaborationMode;
  /** The caller's id of the input, kept with it and repeated in its events. Default: none. */
  readonly clientMessageId?: string;
  /** Extra keys for the turn metadata of this turn. Keys Codex owns are dropped; see `isReservedMetadataKey`. */
  readonly clientMetadata?: Readonly<Record<string, string>>;
  /** Turn of the root thread that caused this one, for threads of subagents. Default: this turn. */
  readonly rootTurnId?: string;
  /** Turn of the parent thread that caused this one, for threads of subagents. */
  readonly parentTurnId?: string;
  /** The cause of the turn, sent as `turn_trigger`. Default `exec` for threads whose `sessionSource` is that. */
  readonly turnTrigger?: string;
  /** JSON schema the final answer must follow. */
  readonly outputSchema?: unknown;
  /**
   * Access program the turn asks for, e.g. `standard`, sent as `access_programs` to the provider named `OpenAI`, in
   * 0.171 only. Default: none.
   */
  readonly cyberAccessProgram?: string;
  /** Default: that of the thread. */
  readonly reasoningEffort?: string;
  /** Default: that of the thread. */
  readonly reasoningSummary?: "auto" | "concise" | "detailed" | "none";
  /** Default: that of the thread; `null`: none. Sent only when the model lists it. */
  readonly serviceTier?: string | null;
}

/** The last event of a turn. */
export type TurnEnd = Extract<
  TurnEvent,
  { readonly type: "turnCompleted" | "turnFailed" | "turnAborted" }
>;

/** The events of one turn. Iterate once. Stopping early (break, dispose) has the effect of aborting. */
export interface TurnStream extends AsyncIterable<TurnEvent>, AsyncDisposable {
  readonly turnId: string;
  /** Reads all events and resolves with the last one, for callers who want nothing else of the turn. */
  result(): Promise<TurnEnd>;
}

/**
 * The choice of what to do with an input while a turn runs: begin another turn after it, or put it into that turn, of which only
 * `clientMetadata` and `clientMessageId` of these options change anything.
 */
export interface SubmitOptions extends TurnOptions {
  readonly whileRunning: "queue" | "steer";
}

/** The fate of an input. */
export type Submission =
  | { readonly type: "started" | "queued"; readonly turn: TurnStream }
  | Extract<SteerResult, { readonly type: "steered" }>;

/** Options of an input for a running turn. */
export interface SteerOptions {
  /** The caller's id of the input. Default: none. */
  readonly clientMessageId?: string;
  /** Takes the place of the turn's extra metadata keys from the next request on. Default: they stay. */
  readonly clientMetadata?: Readonly<Record<string, string>>;
}

/** The fate of an input for the running turn. */
export type SteerResult =
  | {
      readonly type: "steered";
      readonly turnId: string;
      /**
       * Settles when the input is part of the conversation (true), or when the turn ended before it could be (false):
       * then nobody has read it. Waits for tools that run.
       */
      readonly recorded: Promise<boolean>;
    }
  | {
      /** Nothing was done: no turn runs, or it compacts the history or reviews, and takes no input. */
      readonly type: "not_steered";
      readonly reason: "no_turn" | "compacting" | "reviewing";
    };

/** Options of an interruption. */
export interface InterruptOptions {
  /**
   * `replaced`: the application puts another turn in its place, and the model does not read that the user has stopped it.
   * Default `interrupted`.
   */
  readonly reason?: "interrupted" | "replaced";
}

/** Options of a compaction on demand. */
export interface CompactOptions {
  /** Aborting ends the compaction with `turnAborted`; the history stays as it was. */
  readonly signal?: AbortSignal;
}

/** Options of a review: settings the reviewer works with, where they are not the thread's. */
export type ReviewOptions = Pick<
  TurnOptions,
  | "signal"
  | "cwd"
  | "model"
  | "sandboxMode"
  | "userInstructions"
  | "skills"
  | "reasoningEffort"
  | "reasoningSummary"
  | "serviceTier"
>;

/** Options of a command of the user. */
export interface ShellCommandOptions {
  /** Aborting kills the command. */
  readonly signal?: AbortSignal;
  /** Directory it runs in, absolute. Default: that of the thread. */
  readonly cwd?: string;
}

/** Options of taking inputs back. */
export interface RollBackOptions {
  /**
   * The counts the thread had before the first of them; `null`: none. Default: those of its session file, if that is one
   * of 0.171; else what was used stays counted, and the size of the context is estimated.
   */
  readonly usage?: TokenUsageInfo | null;
}

/** A turn, to go back to where it began. */
export interface TurnMark {
  /** Id of a turn of this thread, or of the thread it was forked from. */
  readonly beforeTurnId: string;
}

/** One conversation with a model. Its turns run one after the other. */
export interface CodexThread extends AsyncDisposable {
  /** UUIDv7. */
  readonly threadId: string;
  /** Directory of the trace bundle; `undefined` when nothing is recorded. */
  readonly bundlePath: string | undefined;
  /** The MCP servers of the thread as they are doing now, sorted by name. */
  readonly mcpServers: readonly McpServerStatus[];
  /** Reads a resource of one of these servers, once it has started. Rejects only when there is a bug. */
  readMcpResource(address: McpResourceAddress): Promise<McpResourceReading>;
  /** The session file, made when the first turn starts, or by `keep`; `undefined` when the thread is not kept. */
  readonly sessionPath: string | undefined;
  /**
   * Makes the session file of a thread that has had no turn yet, so that it can be resumed, forked and archived. Does
   * nothing where there is one, or when the thread is not kept. A disk that fails is a warning of the next turn.
   */
  keep(): void;
  /**
   * Starts a turn with a text, or with texts and images in their order. A model that takes no images reads that there
   * was one. Failures are events (`turnFailed`), not exceptions. Throws while another turn runs; see `submit`.
   */
  runTurn(input: string | readonly TurnInput[], options?: TurnOptions): TurnStream;
  /**
   * Starts a turn, or does with the input what `whileRunning` says. An input that cannot steer the running turn, which
   * compacts the history, or would get no response there, because it runs a command of the user, is queued. Queued turns begin in the order they came; one that is aborted before it began ends
   * with `turnAborted` alone.
   */
  submit(input: string | readonly TurnInput[], options: SubmitOptions): Submission;
  /**
   * Hands an input to the running turn. It enters the conversation when tools that run have ended; the response that
   * streams is waited for (0.140) or dropped after its last finished item (0.171), and the model is asked again.
   */
  steer(input: string | readonly TurnInput[], options?: SteerOptions): SteerResult;
  /**
   * Aborts the running turn and resolves with its last event: `turnAborted`, or the end it came to by itself at that
   * moment. `undefined`: none ran. Queued turns are not affected; the next one begins.
   */
  interrupt(options?: InterruptOptions): Promise<TurnEnd | undefined>;
  /**
   * Compacts the history now, in a turn of its own, after the turn that runs and those that are queued. Failures are
   * events; the history stays as it was then.
   */
  compact(options?: CompactOptions): TurnStream;
  /**
   * Runs a shell command of the user, in a turn of its own without a request, after the turn that runs and those that are
   * queued: with all rights the user has, outside of any sandbox. The model reads of it in the next turn.
   */
  runShellCommand(command: string, options?: ShellCommandOptions): TurnStream;
  /**
   * Runs a shell command of the user as a part of the turn that runs, beside what it does, in its directory. The model reads
   * of it before its next request; a turn that would be over makes another one for that. An interruption kills the command,
   * any other end of the turn does not: then the model reads of it in the next turn. Resolves when the command has ended;
   * `undefined`: no turn runs.
   */
  joinShellCommand(command: string): Promise<void> | undefined;
  /**
   * Has another thread, which knows nothing of this conversation, review changes, in a turn after those before it. What
   * it does is shown as done by this turn, which ends with `reviewCompleted` and a message of its result; the model of
   * this thread reads of it in the next turn. The reviewer is never asked for approvals and starts no agents. Throws
   * `ThreadError` (`invalid_option`) for a target that names nothing.
   */
  review(target: ReviewTarget, options?: ReviewOptions): TurnStream;
  /**
   * Takes the last inputs of the user out of the history, or a turn and those after it, with everything that came after the
   * first of them, and returns how many inputs it took; files that turns have changed stay changed. Kept as 0.171 keeps
   * it, the thread goes on in another session file; kept as 0.140 does, commands of the user count as none, and with the
   * only compaction all that was said before it leaves. Throws while a turn runs, and `ThreadError` `turn_not_found`: a turn
   * is found only in a session file of 0.171.
   */
  rollBack(to: number | TurnMark, options?: RollBackOptions): number;
  /** Kills what still runs, ends the trace bundle, closes connections. Safe to call twice. */
  close(): Promise<void>;
}
