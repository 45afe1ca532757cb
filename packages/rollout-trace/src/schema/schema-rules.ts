import type { RawTraceEventPayload, TraceSchemaVersion } from "../format/raw-event.ts";

type EventType = RawTraceEventPayload["type"];

/**
 * Everything in which the trace schemas differ, for reader, reducer and recorder alike. The rules of a bundle are
 * chosen once (`known-schemas.ts`); nothing else asks for the number of its schema. Another schema is another object of
 * this type. Source: docs/behavior/rollout-trace.md 7.
 */
export interface SchemaRules {
  readonly version: TraceSchemaVersion;
  /** Where the bodies of payloads are: each in a file of its own, or as records in compressed shards. */
  readonly container: "files" | "shards";
  readonly log: LogRules;
  readonly items: ItemRules;
  readonly inference: InferenceRules;
  readonly codeCells: CodeCellRules;
  readonly tools: ToolRules;
  readonly terminals: TerminalRules;
  readonly agents: AgentRules;
}

interface LogRules {
  /** Which events there are. One that is not is unknown when read, and not recorded. */
  readonly events: { readonly [type in EventType]: boolean };
  /** Members that an event lacks: not recorded, passed over when read. */
  readonly absentMembers: { readonly [type in EventType]?: readonly string[] };
  /**
   * Whether number, rollout and schema of each event must be right and nothing may follow `recording_completed`.
   * Otherwise the order is free, and tolerant reading mentions gaps.
   */
  readonly isOrderChecked: boolean;
  /** Whether every payload has to be JSON, also one that is not needed. */
  readonly isEveryPayloadChecked: boolean;
  /** Whether Codex's reader goes by the events alone and ignores the schema of the manifest. */
  readonly isManifestVersionIgnored: boolean;
  /** Under which name the metadata of a thread have its sandbox policy. */
  readonly policyMember: "sandbox_policy" | "permissions_profile";
  /** How a state says whether its recording is whole: not at all, by yes or no, or also by what is missing. */
  readonly completion: "unknown" | "flag" | "status";
}

interface ItemRules {
  /** Whether items of payloads carry the id they have in the Responses API, by which they are accepted and matched. */
  readonly haveResponsesIds: boolean;
  /** Types that are no history. */
  readonly ignoredTypes: ReadonlySet<string>;
  /** Whether content other than text is known by its hash. Otherwise only the very same payload is the same. */
  readonly areHashed: boolean;
  /** Whether empty content becomes a part that says so. */
  readonly haveEmptyContentPart: boolean;
  /** Whether any item of its id stands for one that travels with its acceptance. Otherwise only one that could travel so. */
  readonly areReceivedOverAnyItem: boolean;
  /** Order of the items that share a call id: by the bytes of their ids (`…:10` before `…:9`), or as they were made. */
  readonly orderInCall: "id" | "creation";
  /** Order of a thread's conversation: as items entered it, or as they were made. */
  readonly orderInConversation: "entry" | "creation";
  /** Whether an output, as a call, must be the same whenever its call id comes back. */
  readonly bindOutputsToCallIds: boolean;
  /** Whether a list may hold an item twice. */
  readonly mayRepeatInList: boolean;
}

interface InferenceRules {
  /** Whether usage counts the tokens written to the cache. */
  readonly countsCacheWrites: boolean;
  /** Whether every response extends live history. Otherwise that of the thread's latest call alone does. */
  readonly extendsHistoryAlways: boolean;
}

interface CodeCellRules {
  /** Whether a cell keeps status and payload of its first response and the payload of its result. */
  readonly keepResponses: boolean;
  /** Whether the result is that of the last end, also when it has none. Otherwise that of the last end with one. */
  readonly lastEndHasResult: boolean;
  /** Whether the model's `exec` call names the cell it started. */
  readonly areNamedByTool: boolean;
  /** Whether an event about a cell has to name its thread. Otherwise its turn may stand for it. */
  readonly nameTheirThread: boolean;
  /** Where a `wait` names its cell: in its arguments, or in an event of its own. */
  readonly waitTarget: "arguments" | "event";
}

interface ToolRules {
  /** Whether the model's `exec` call is recorded. Otherwise the events of its code cell stand for it. */
  readonly includePublicExec: boolean;
  /** Types of runtime events that are not recorded. */
  readonly ignoredRuntimeEvents: ReadonlySet<string>;
  /** Whether a `write_stdin` in a namespace is another tool. */
  readonly haveNamespaces: boolean;
  /** Whether malformed arguments of a `write_stdin` end Codex's reduction. Otherwise the call writes to no process. */
  readonly requireStdinArguments: boolean;
}

interface TerminalRules {
  /** Whether a process id names one session of the whole trace. Otherwise each command opens a session of its own. */
  readonly sessionsAreProcesses: boolean;
  /** Output of a finished command: `stdout`, `stderr` and `formatted_output`, or `aggregated_output` alone. */
  readonly output: "split" | "aggregated";
}

interface AgentRules {
  /** Activities that an event may report. */
  readonly activities: ReadonlySet<string>;
  /** Whether activities name the model of the agent. */
  readonly activitiesNameModel: boolean;
  /** Whether the result of an MCP call may report an activity. */
  readonly mayReportOverMcp: boolean;
  /** Whether an encoded message may come behind a readable header. */
  readonly messagesMayHaveHeader: boolean;
  /** Where a message counts as delivered: in an item of the conversation, or in any item of the thread. */
  readonly deliverTo: "conversation" | "thread";
}

/** Whether a schema has a member of an event it has. */
export function hasMember({ log }: SchemaRules, type: EventType, member: string): boolean {
  return log.absentMembers[type]?.includes(member) !== true;
}
