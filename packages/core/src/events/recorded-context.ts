import type { DeferredTools } from "../context/deferred-tools.ts";
import type { KnownModelItems } from "../context/model-items.ts";
import type { Skill } from "../context/skills/skill.ts";
import type { CollaborationMode } from "../turn/collaboration-mode.ts";
import type { ApprovalPolicy, SandboxMode, UserInstructions } from "../policies.ts";

/**
 * Settings and surroundings of a turn, as the model knows them: what the context of the next turn is compared with. Of a
 * session another program has written only some are known.
 */
export interface RecordedContext {
  readonly turnId: string;
  /** Absolute. */
  readonly cwd: string;
  /** Slug. */
  readonly model: string;
  readonly approvalPolicy: ApprovalPolicy;
  readonly sandboxMode: SandboxMode;
  /** Path or name of the shell; 0.140 does not keep it. */
  readonly shell: string | undefined;
  /** `YYYY-MM-DD`, local. */
  readonly currentDate: string | undefined;
  /** IANA name. */
  readonly timezone: string | undefined;
  /** As configured; `undefined`: the model's own. */
  readonly reasoningEffort: string | undefined;
  readonly reasoningSummary: string;
  /** Default: the mode no one has set. */
  readonly mode?: CollaborationMode | undefined;
  /** Text of the user's `AGENTS.md` files; 0.140 does not keep it. */
  readonly userInstructions: string | UserInstructions | undefined;
  /** The skills the model has read of; `undefined`: not known. */
  readonly skills?: readonly Skill[] | undefined;
  /** Hash of the form of compactions the model can go on with. */
  readonly compHash?: string | undefined;
  /** Whether the model is a responses-lite one. */
  readonly isResponsesLite?: boolean | undefined;
  /** Tools and system text as items of the history state them; `undefined`: members of requests do. */
  readonly modelItems?: KnownModelItems | undefined;
  /** Groups of tools the model knows to search for; `undefined`: not known. */
  readonly deferredTools?: DeferredTools | undefined;
}
