import type { ErrorPolicy, RequestFormat } from "@codex-ts/api";
import type { PatchCompatibility } from "@codex-ts/apply-patch";
import type { Compatibility, JsonObject } from "@codex-ts/protocol";
import type { TraceSchemaVersion } from "@codex-ts/rollout-trace/recorder";
import type { SectionName } from "../context/context-sections.ts";
import type { MessageMeasure } from "../history/token-estimate.ts";
import type { ImageForm } from "../images/image-form.ts";
import { PROFILE_0_140 } from "./profile-0.140.ts";
import { PROFILE_0_171 } from "./profile-0.171.ts";

/** A member of the `x-codex-turn-metadata` blob that a snapshot has a fact for. */
export type BlobKey =
  | "installation_id"
  | "session_id"
  | "thread_id"
  | "agent_name"
  | "turn_id"
  | "window_id"
  | "window_number"
  | "context_window_id"
  | "request_kind"
  | "history_initialization"
  | "forked_from_thread_id"
  | "forked_from_ordinal_exclusive"
  | "parent_thread_id"
  | "parent_turn_id"
  | "root_turn_id"
  | "subagent_kind"
  | "thread_source"
  | "turn_trigger"
  | "sandbox"
  | "sandbox_mode"
  | "auto_review_enabled"
  | "node_repl_auto_review_required"
  | "node_repl_disabled"
  | "workspaces"
  | "turn_started_at_unix_ms"
  | "analytics_enabled"
  | "compaction"
  | "model"
  | "reasoning_effort";

/** A member of the flat `client_metadata`. */
export type FlatKey =
  | "session_id"
  | "thread_id"
  | "x-codex-window-id"
  | "x-codex-installation-id"
  | "turn_id"
  | "root_turn_id"
  | "parent_turn_id"
  | "x-openai-subagent"
  | "x-codex-parent-thread-id"
  | "x-codex-turn-metadata";

/** How the tools of MCP servers are offered and called. */
export interface McpForm {
  /** Most characters of a namespace and a tool's name together. */
  readonly maxNameLength: number;
  /** Form of a result the model reads: its content as JSON, or a part for each part of it. */
  readonly results: "json" | "parts";
  /** Members of the turn's metadata that servers are not told. */
  readonly withheldBlobKeys: readonly string[];
  /** Whether a request says which call of the model it is for. */
  readonly namesCalls: boolean;
  /** Capabilities of a client that can ask its user. */
  readonly capabilities: JsonObject;
  /** How long the first turn waits for servers that are still starting, in milliseconds; `undefined`: as long as they take. */
  readonly startupWaitMs: number | undefined;
  /** Whether the result that a script gets has the server's `_meta`. */
  readonly scriptsReadMeta: boolean;
  /** Whether models that can search for tools find those of servers, instead of reading them in each request. */
  readonly areFoundBySearch: boolean;
  /** Which hint counts of a tool that says both that it only reads and that it destroys something. */
  readonly strongerHint: "read_only" | "destructive";
  /** How the model reads of a tool that needs an approval nobody can give. */
  readonly refusal: string;
  /** How a call of a resource tool for an unknown server is refused: as a call of that server, or before. */
  readonly unknownServer: "shown_as_call" | "refused";
}

/** How much of a command line is understood, to show what it does and to decide whether anybody is asked about it. */
export interface CommandUnderstanding {
  /** Whether words with globs, `~`, braces, `#` or escapes are words like any other, or make a script of their command line. */
  readonly words: "any" | "literal";
  /** Whether a command with nothing but a heredoc is the command, or a script. */
  readonly heredocs: "command" | "script";
  /** Forced removal: `rm -f` and `rm -rf` in plain commands, or `rm` with such an option wherever it stands in a script. */
  readonly forcedRemoval: "plain" | "anywhere";
  /** Where nobody is asked: whether it is refused in every sandbox mode or in the restricted ones. */
  readonly forcedRemovalIsRefused: "always" | "in_a_sandbox";
  /** Why, for the model; machine-read. */
  readonly forcedRemovalText: string;
  /** Where what came back of a question is no decision: whether the model reads so, or that the user has said no. */
  readonly failedQuestion: "is_told" | "is_a_no";
  readonly granular: {
    /** Whether a command can be escalated at all. */
    readonly canEscalate: boolean;
    /** Whether forced removal is asked about in any case, or by `sandbox_approval`. */
    readonly removalIsAsked: "always" | "by_sandbox_approval";
  };
  /** Whether a justification is refused where nothing is asked for. */
  readonly justificationNeedsEscalation: boolean;
}

/** How commands run, and how the model reads about them. */
export interface CommandForm {
  /** Whether output that is cut begins with a warning. */
  readonly warnsOfCutOutput: boolean;
  /** How much of a command line is understood, and when the user is asked about it. */
  readonly approvals: CommandUnderstanding;
  /** The unit in which the cut says how much is gone: always tokens, or that of the limit that was reached. */
  readonly cutIsCountedIn: "tokens" | "unit_of_limit";
  /** Whether a line in the middle of output that was too long to keep says how much is gone. */
  readonly marksDroppedOutput: boolean;
  /** The basis of the estimate of tokens before the cut: the bytes as written, or the text that was kept of them. */
  readonly countsTokensOf: "bytes" | "text";
  /**
   * A command that cannot be started: named in the output the model reads, or shown as an item that begins and ends.
   */
  readonly failedStart: "is_named" | "is_shown";
  /** A shell given by its path is run as given, or the one of that name is searched for. */
  readonly givenShell: "as_given" | "by_name";
  /** Variables every command gets besides the thread's id. */
  readonly environment: Readonly<Record<string, string>>;
  /** Whether the environment of commands also holds the session, the call and the version of the client. */
  readonly knowsItsCall: boolean;
  /** How the model reads that a command was stopped: in the words for every call, or after the wall time. */
  readonly stoppedText: "as_every_call" | "after_wall_time";
}

/** How scripts of code mode are run and recorded. Source: runs of 0.140 and 0.171. */
export interface CodeModeForm {
  /** How long `exec` waits for a script that says nothing else, in milliseconds. */
  readonly defaultYieldMs: number;
  /** Whether the list of all tools says of each what its group is for. */
  readonly listsGroups: boolean;
  /** Whether recorded responses of cells hold times, and errors among what was shown. */
  readonly responses: "plain" | "timed";
}

/** The context a model receives about its surroundings, and when. */
interface ContextForm {
  /** Sections of a thread's first developer message, in order. */
  readonly initialSections: readonly SectionName[];
  /** Sections of later turns, in order, each when it has changed. */
  readonly updateSections: readonly SectionName[];
  /** The section of an update that shares its message with no other; `undefined`: neighbors of a role share one. */
  readonly standsAlone: SectionName | undefined;
  /** Directories under a writable root that stay read-only. */
  readonly protectedFolders: readonly string[];
  /** See `skillsInstructions`. */
  readonly skillPaths: "absolute" | "below_roots";
}

/** How a history is compacted. Source: runs of 0.140 and 0.171. */
interface CompactionForm {
  /** Whether new history holds the context at once, or, before a turn and on demand, leaves it to the next turn. */
  readonly takesContextAtOnce: boolean;
  /** Whether messages a local compaction keeps stay the items they are, or become one text each. */
  readonly keepsMessages: boolean;
  /** Whether items of a summary that breaks off stay in history. */
  readonly keepsUnfinishedSummary: boolean;
  /** Whether a local compaction is tried again after failures that no other request is tried again after. */
  readonly retriesRefusals: boolean;
  /** How messages are measured where nobody has counted them. */
  readonly measure: MessageMeasure;
  /** Whether images count in what a remote compaction keeps. */
  readonly countsImages: boolean;
  /** Whose window the estimate of new history goes with: that of the model of the turn, or of the one that compacted. */
  readonly estimateIsFor: "turn" | "compaction";
  /** Whether a warning says that a summary is less than what it stands for. */
  readonly warnsOfSummary: boolean;
  /** Whether the input of a turn enters history when the compaction before it fails. */
  readonly keepsInputOfFailedTurn: boolean;
  /** Version of the UUIDs by which compactions are known. */
  readonly itemIds: "v4" | "v7";
  /** Whether there is a choice between the two ways of remote compaction. */
  readonly endpoint: "as_configured" | "v2";
}

/** How agents of one session work together. Source: runs of 0.140 and 0.171. */
interface AgentForm {
  /** Namespace of the tools that call agents by path; `undefined`: they have none. */
  readonly namespace: string | undefined;
  /** Whether messages of agents begin with who writes to whom, and results are words. */
  readonly messagesHaveHeader: boolean;
  /** Whether a parent and the list of agents learn that a turn has failed, or only that it has ended. */
  readonly namesFailures: boolean;
  /** Whether agents start agents only where their model's catalog entry asks for it. */
  readonly agentsNeedModel: boolean;
  /** Whether the list of agents holds what each was last told. */
  readonly listsTasks: boolean;
  /** The fate of a wait that is too short. */
  readonly shortWait: "refused" | "prolonged";
  /** The history a fork has of its parent: everything, or what was said. */
  readonly forks: "whole" | "said";
  /** Whether agents that begin with the history of another read that they are another one. */
  readonly tellsForks: boolean;
  /** Whether the model reads when it may start agents. */
  readonly hasModeInstructions: boolean;
  /** Messages that came before a turn and are not read when its final message is there: the model is asked again, or they are left in history. */
  readonly earlyMailAfterAnswer: "is_answered" | "is_recorded";
  /** Whether events of agents name their model. */
  readonly activitiesNameModel: boolean;
  /** Whether requests of a fork name the thread it was forked from. */
  readonly forksNameSource: boolean;
  /** Whether agents that are called by id have types. */
  readonly hasRoles: boolean;
  /** Whether the tool that starts agents with a path offers a choice of models. */
  readonly spawnNamesModel: boolean;
  /** Whether inputs of agents that are called by id may be sounds, of which there are none here. */
  readonly offersAudio: boolean;
  /** Whether an input of the user ends a wait for agents. */
  readonly inputEndsWait: boolean;
}

/** Differences between the generations of Codex. Data only: the code that reads it is the same for all. */
export interface CompatibilityProfile {
  readonly errorPolicy: ErrorPolicy;
  readonly traceSchemaVersion: TraceSchemaVersion;
  readonly requestFormat: RequestFormat;
  /** Base instructions as a member of the body, or as the first item of the input, a developer message. */
  readonly instructions: "member" | "first_item";
  /**
   * How requests for responses-lite models differ: in flags only, or also in that items tell the model its tools and its
   * system text.
   */
  readonly responsesLite: "flags" | "items";
  /** Whether items are sent back with the members that 0.140 drops; see `WireItemOptions.laterMembers`. */
  readonly laterItemMembers: boolean;
  /** Whether items get an id, and facts about where they come from, when they enter history. */
  readonly identifiesItems: boolean;
  /** Name of the providers whose requests carry the facts about items; the others never see them. */
  readonly itemMetadataProvider: string | undefined;
  /** Whose id groups requests in the server's prompt cache. */
  readonly promptCacheKey: "thread" | "session";
  readonly context: ContextForm;
  readonly images: ImageForm;
  readonly compaction: CompactionForm;
  readonly agents: AgentForm;
  /** Whether an input for the running turn waits for the response that streams. */
  readonly steering: "waits" | "drops_response";
  readonly commands: CommandForm;
  readonly codeMode: CodeModeForm;
  readonly mcp: McpForm;
  /** How the trace ends a call the user stopped: cancelled with the output the model reads, or aborted without. */
  readonly stoppedCalls: "cancelled" | "aborted";
  /** How the trace ends a turn that failed: 0.140 says no more than that it is over. */
  readonly failedTurns: "completed" | "failed";
  /** Whether images that the server generates are kept in files and shown. */
  readonly showsImages: boolean;
  /** Whether `shell_command` exists: offered in the place of commands with sessions, run in any case. */
  readonly hasShellCommand: boolean;
  /** Whether the model is offered `update_plan`. */
  readonly offersPlan: boolean;
  /** Whether a question to the user can have a time after which the model goes on without a reply. */
  readonly questionsAutoResolve: boolean;
  /** When the diff of a turn is emitted beside after each patch: after each request, or at its end. */
  readonly turnDiffs: "after_requests" | "at_end";
  /** Id of the message that shows the outcome of a review; `undefined`: one of its own each time. */
  readonly reviewMessageId: string | undefined;
  /** How patches are applied. */
  readonly patchRules: PatchCompatibility;
  /** Whether the model reads that a content filter blocked its response, before it is asked again. */
  readonly tellsOfContentFilter: boolean;
  /** Members of the blob in the order they are written. */
  readonly blobKeys: readonly BlobKey[];
  /** Members that are sorted in among the client's extras, behind all others. */
  readonly blobKeysAmongExtras: readonly BlobKey[];
  readonly flatKeys: readonly FlatKey[];
}

const PROFILES: Readonly<Record<Compatibility, CompatibilityProfile>> = {
  "0.171": PROFILE_0_171,
  "0.140": PROFILE_0_140,
};

/** The generation used when none is named: today's Codex. */
export const DEFAULT_COMPATIBILITY: Compatibility = "0.171";

/** The peculiarities of one generation of Codex, as data. Default: today's, 0.171. */
export function compatibilityProfile(
  compatibility: Compatibility = DEFAULT_COMPATIBILITY,
): CompatibilityProfile {
  return PROFILES[compatibility];
}
