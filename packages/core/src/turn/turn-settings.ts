import type { ModelInfo } from "@codex-ts/protocol";
import type { Skill } from "../context/skills/skill.ts";
import type { CollaborationMode } from "./collaboration-mode.ts";
import type { ApprovalPolicy, SandboxMode, UserInstructions } from "../policies.ts";

/** Settings a turn runs with: those of the thread, where the turn was not given others. */
export interface TurnSettings {
  /** Absolute. */
  readonly cwd: string;
  readonly model: ModelInfo;
  readonly sandboxMode: SandboxMode;
  readonly approvalPolicy: ApprovalPolicy;
  /** As configured; `undefined`: the model's own. */
  readonly reasoningEffort: string | undefined;
  /** As configured; `undefined`: the model's own. */
  readonly reasoningSummary: "auto" | "concise" | "detailed" | "none" | undefined;
  readonly serviceTier: string | undefined;
  /** Text of the user's `AGENTS.md` files. */
  readonly userInstructions: string | UserInstructions | undefined;
  readonly skills: readonly Skill[];
  readonly mode: CollaborationMode;
}
