import type { AgentInstructions } from "../agents/agent-instructions.ts";
import type { CompatibilityProfile } from "../compatibility/compatibility-profile.ts";
import { modeInstructions } from "../turn/collaboration-mode.ts";
import type { CollaborationMode } from "../turn/collaboration-mode.ts";
import type { ApprovalPolicy, UserInstructions } from "../policies.ts";
import { deferredToolsSection } from "./deferred-tools.ts";
import type { DeferredTools } from "./deferred-tools.ts";
import { environmentContext } from "./environment-context.ts";
import type { EnvironmentFacts } from "./environment-context.ts";
import { permissionsInstructions } from "./permissions-instructions.ts";
import type { WorkspaceWriteOptions } from "../tools/sandbox/writable-roots.ts";
import type { Skill } from "./skills/skill.ts";
import { skillsInstructions } from "./skills/skills-instructions.ts";

/** Everything a model can learn about a turn before it begins. */
export interface ContextFacts extends EnvironmentFacts {
  readonly form: CompatibilityProfile["context"];
  readonly approvalPolicy: ApprovalPolicy;
  /** Whether the application asks the user. */
  readonly canAsk: boolean;
  readonly includePermissionsInstructions: boolean;
  readonly workspaceWrite: WorkspaceWriteOptions;
  readonly developerInstructions: string | undefined;
  readonly mode: CollaborationMode;
  /** Text of the user's `AGENTS.md` files. */
  readonly userInstructions: string | UserInstructions | undefined;
  readonly skills: readonly Skill[];
  /** Groups of tools that requests do not list. */
  readonly deferredTools: DeferredTools;
  /** Messages about other agents; `undefined`: there are none. */
  readonly agents: AgentInstructions | undefined;
  /** Instructions of the model, where the turn before had another one. */
  readonly newModelInstructions: string | undefined;
}

/** One part of a context message. */
export interface Section {
  readonly role: "developer" | "user";
  readonly kind: string;
  /** Absent and empty ones are left out. */
  readonly text: string | undefined;
}

/** Name of a section in a compatibility profile. */
export type SectionName =
  | "model_switch"
  | "permissions"
  | "developer"
  | "mode"
  | "skills"
  | "agents"
  | "environment"
  | "tools";

/** Sections in their order. Without instructions about permissions, which they stand before, skills come last. */
export function inOrder(
  names: readonly SectionName[],
  { includePermissionsInstructions }: Pick<ContextFacts, "includePermissionsInstructions">,
): readonly SectionName[] {
  if (includePermissionsInstructions) return names;
  const isSkills = (name: SectionName): boolean => name === "skills";
  return [...names.filter((name) => !isSkills(name)), ...names.filter(isSkills)];
}

/** A section as it stands where the model knows nothing of it. */
export function sectionOf(name: SectionName, context: ContextFacts): Section {
  switch (name) {
    case "model_switch":
      return developer("model_switch.instructions", modelSwitch(context.newModelInstructions));
    case "permissions":
      return developer(
        "permissions.instructions",
        context.includePermissionsInstructions ? permissionsInstructions(context) : undefined,
      );
    case "developer":
      return developer("generic.developer_instructions", context.developerInstructions);
    case "mode":
      return modeSection(modeInstructions(context.mode));
    case "skills":
      return developer(
        "host_skills.instructions",
        skillsInstructions(context.skills, context.form.skillPaths),
      );
    case "agents":
      return agentsSection(context);
    case "environment":
      return environmentSection(context);
    case "tools":
      return developer("tools.deferred_namespaces", deferredToolsSection(context.deferredTools));
  }
}

/** The user's instructions. The user's own file alone belongs to no directory. Form of 0.140. */
export function agentsSection({ userInstructions, cwd }: ContextFacts): Section {
  return agentsBlock(
    userInstructions === undefined ? undefined : agentsBody(userInstructions),
    hasProjectFiles(userInstructions) ? cwd : undefined,
  );
}

/** The user's instructions in the place of others the model has read. */
export function replacedAgentsSection(context: ContextFacts): Section {
  const { userInstructions, cwd } = context;
  if (userInstructions === undefined) {
    return agentsBlock("The AGENTS.md instructions above do not apply any more.", undefined);
  }
  const text = `These instructions take the place of all AGENTS.md instructions above.\n\n${agentsBody(userInstructions)}`;
  return agentsBlock(text, hasProjectFiles(userInstructions) ? cwd : undefined);
}

/** Instructions of the mode of the turn. The tag is machine-read. */
export function modeSection(text: string | undefined): Section {
  const tagged = text && `<collaboration_mode>${text}</collaboration_mode>`;
  return developer("collaboration_mode.instructions", tagged);
}

export function environmentSection(context: ContextFacts): Section {
  return {
    role: "user",
    kind: "environments.environment_context",
    text: environmentContext(context),
  };
}

function developer(kind: string, text: string | undefined): Section {
  return { role: "developer", kind, text };
}

function agentsBlock(text: string | undefined, folder: string | undefined): Section {
  const heading = `# AGENTS.md instructions${folder === undefined ? "" : ` for ${folder}`}`;
  return {
    role: "user",
    kind: "agents_md.instructions",
    text: text && `${heading}\n\n<INSTRUCTIONS>\n${text}\n</INSTRUCTIONS>`,
  };
}

/** The text itself, without the directory it belongs to. */
export function agentsBody(instructions: string | UserInstructions): string {
  return typeof instructions === "object" ? instructions.text : instructions;
}

/** Whether some of the user's instructions belong to a directory. */
export function hasProjectFiles(instructions: ContextFacts["userInstructions"]): boolean {
  return typeof instructions === "object"
    ? instructions.hasProjectFiles
    : instructions !== undefined;
}

/** The tag is machine-read, the text is ours. */
function modelSwitch(instructions: string | undefined): string | undefined {
  if (!instructions) return undefined;
  return `<model_switch>\nAnother model had this conversation until now. Go on with it, by these instructions:\n\n${instructions}\n</model_switch>`;
}
