import type { ApprovalPolicy, ReviewTarget, SandboxMode, TurnInput } from "@codex-ts/core";
import type { JsonObject } from "@codex-ts/protocol";
import type { ClientInfo } from "../app-server-options.ts";
import type { ClientTool } from "./client-tool-params.ts";
import type { ItemsView } from "../wire/turn.ts";

/** A thread that is named. UUID. */
interface OfThread {
  readonly threadId: string;
}

/** Settings of a thread that win over the configuration. */
export interface ThreadOverrides {
  readonly cwd?: string | undefined;
  readonly model?: string | undefined;
  readonly modelProvider?: string | undefined;
  readonly approvalPolicy?: ApprovalPolicy | undefined;
  readonly sandbox?: SandboxMode | undefined;
  readonly config?: JsonObject | undefined;
  readonly baseInstructions?: string | undefined;
  readonly developerInstructions?: string | undefined;
  readonly serviceTier?: string | undefined;
}

/** Which part of a list is asked for. */
export interface PageParams {
  /** `nextCursor` of the page before. */
  readonly cursor?: string | undefined;
  readonly limit?: number | undefined;
}

/** Which turns of a thread are asked for. */
export interface TurnPageParams extends PageParams {
  readonly sortDirection?: "asc" | "desc" | undefined;
  readonly itemsView?: ItemsView | undefined;
}

interface NewThreadParams extends ThreadOverrides {
  readonly ephemeral?: boolean | undefined;
  readonly threadSource?: string | undefined;
}

interface WithTools {
  readonly dynamicTools?: readonly ClientTool[] | undefined;
}

interface WithTurns {
  readonly excludeTurns?: boolean | undefined;
}

/** A kept thread that is named by its id, or by the path of its session file. */
interface OfKeptThread extends OfThread {
  /** Absolute, or in the home; wins over the id. */
  readonly path?: string | undefined;
}

/** Where a fork ends; the turn is an id. */
interface ForkPoint {
  /** The first turn that is left out. */
  readonly beforeTurnId?: string | undefined;
  /** The last one that is taken over. */
  readonly lastTurnId?: string | undefined;
}

type ClientMetadata = Readonly<Record<string, string>>;

/** A mode, and settings that win over the others of the turn. */
interface ModeParams {
  readonly mode: "default" | "plan";
  readonly model: string;
  readonly effort: string | undefined;
  readonly instructions: string | undefined;
}

interface TurnStartParams extends OfThread {
  readonly input: readonly TurnInput[];
  readonly cwd?: string | undefined;
  readonly model?: string | undefined;
  readonly approvalPolicy?: ApprovalPolicy | undefined;
  readonly sandboxPolicy?:
    | "dangerFullAccess"
    | "readOnly"
    | "workspaceWrite"
    | "externalSandbox"
    | undefined;
  /** `null`: none from now on. */
  readonly serviceTier?: string | null | undefined;
  readonly effort?: string | undefined;
  readonly summary?: "auto" | "concise" | "detailed" | "none" | undefined;
  readonly outputSchema?: unknown;
  readonly collaborationMode?: ModeParams | undefined;
  readonly clientUserMessageId?: string | undefined;
  readonly responsesapiClientMetadata?: ClientMetadata | undefined;
  readonly turnTrigger?: string | undefined;
  readonly rootTurnId?: string | undefined;
  readonly parentTurnId?: string | undefined;
}

interface ThreadListParams extends PageParams {
  readonly archived?: boolean | undefined;
  readonly cwd?: string | readonly string[] | undefined;
  readonly modelProviders?: readonly string[] | undefined;
  readonly searchTerm?: string | undefined;
  readonly sourceKinds?: readonly string[] | undefined;
  readonly sortKey?: string | undefined;
  readonly sortDirection?: "asc" | "desc" | undefined;
}

/** The methods this server knows and their parameters, as far as it looks at them; `null` is as good as left out. */
export interface MethodParams {
  readonly initialize: {
    readonly clientInfo: ClientInfo;
    readonly capabilities?:
      | {
          readonly experimentalApi?: boolean | undefined;
          readonly optOutNotificationMethods?: readonly string[] | undefined;
        }
      | undefined;
  };
  readonly "thread/start": NewThreadParams & WithTools;
  readonly "thread/resume": OfKeptThread &
    ThreadOverrides &
    WithTurns & {
      readonly history?: readonly unknown[] | undefined;
      readonly initialTurnsPage?: TurnPageParams | undefined;
    };
  readonly "thread/fork": OfKeptThread & NewThreadParams & WithTurns & ForkPoint;
  readonly "thread/unsubscribe": OfThread;
  readonly "thread/archive": OfThread;
  readonly "thread/unarchive": OfThread;
  readonly "thread/name/set": OfThread & { readonly name: string };
  readonly "thread/compact/start": OfThread;
  readonly "thread/shellCommand": OfThread & { readonly command: string };
  readonly "thread/rollback": OfThread & { readonly numTurns: number };
  readonly "thread/revert": OfThread & { readonly beforeTurnId: string };
  readonly "thread/read": OfThread & { readonly includeTurns?: boolean | undefined };
  readonly "thread/turns/list": OfThread & TurnPageParams;
  readonly "thread/list": ThreadListParams;
  readonly "thread/loaded/list": PageParams;
  readonly "turn/start": TurnStartParams;
  readonly "turn/steer": OfThread & {
    readonly expectedTurnId: string;
    readonly input: readonly TurnInput[];
    readonly clientUserMessageId?: string | undefined;
    readonly responsesapiClientMetadata?: ClientMetadata | undefined;
  };
  readonly "turn/interrupt": OfThread & { readonly turnId: string };
  readonly "review/start": OfThread & {
    readonly target: ReviewTarget;
    readonly delivery?: "inline" | "detached" | undefined;
  };
  readonly "model/list": PageParams & { readonly includeHidden?: boolean | undefined };
  readonly "skills/list": { readonly cwds?: readonly string[] | undefined };
  readonly "config/read": {
    readonly includeLayers?: boolean | undefined;
    readonly cwd?: string | undefined;
  };
  readonly "account/read": object;
  readonly getAuthStatus: { readonly includeToken?: boolean | undefined };
  readonly "mcpServerStatus/list": PageParams;
  readonly "mcpServer/resource/read": {
    readonly threadId?: string | undefined;
    readonly server: string;
    readonly uri: string;
  };
}

export type MethodName = keyof MethodParams;
