import type { MessageItem } from "@codex-ts/protocol";
import type { CompatibilityProfile } from "../compatibility/compatibility-profile.ts";
import type { ApprovalPolicy, UserInstructions } from "../policies.ts";
import { environmentContext } from "./environment-context.ts";
import type { EnvironmentFacts } from "./environment-context.ts";
import { permissionsInstructions } from "./permissions-instructions.ts";

/** Context the model receives before the first turn of a thread. */
export interface InitialContext extends EnvironmentFacts {
  /** Sections of the developer message, in order. */
  readonly developerSections: CompatibilityProfile["developerSections"];
  readonly approvalPolicy: ApprovalPolicy;
  readonly includePermissionsInstructions: boolean;
  readonly developerInstructions: string | undefined;
  /** Text of the user's `AGENTS.md` files. */
  readonly userInstructions: string | UserInstructions | undefined;
}

/** A message made here, and what its parts are. */
export interface ContextMessage {
  readonly item: MessageItem;
  readonly contentKinds: readonly string[];
}

/**
 * The first items of a thread: one developer message with a part per section (none without sections), then one user
 * message with the user's instructions and the environment. Source: docs/behavior/core.md 4.3.
 */
export function initialContext(context: InitialContext): readonly ContextMessage[] {
  const user: Section[] = [
    {
      kind: "agents_md.instructions",
      text: context.userInstructions === undefined ? undefined : instructionsBlock(context),
    },
    { kind: "environments.environment_context", text: environmentContext(context) },
  ];
  return [
    contextMessage("developer", developerSections(context)),
    contextMessage("user", user),
  ].filter(({ item }) => item.content.length > 0);
}

interface Section {
  readonly kind: string;
  /** Absent and empty ones are left out. */
  readonly text: string | undefined;
}

function developerSections(context: InitialContext): readonly Section[] {
  const sections: Readonly<Record<InitialContext["developerSections"][number], Section>> = {
    permissions: {
      kind: "permissions.instructions",
      text: context.includePermissionsInstructions ? permissionsInstructions(context) : undefined,
    },
    developer: { kind: "generic.developer_instructions", text: context.developerInstructions },
  };
  return context.developerSections.map((name) => sections[name]);
}

function contextMessage(role: "developer" | "user", sections: readonly Section[]): ContextMessage {
  const present = sections.filter(({ text }) => !!text);
  return {
    item: message(
      role,
      present.map(({ text }) => text),
    ),
    contentKinds: present.map(({ kind }) => kind),
  };
}

/** The user's own file alone belongs to no directory. Form of 0.140. */
function instructionsBlock({ userInstructions, cwd }: InitialContext): string {
  const { text, hasProjectFiles } =
    typeof userInstructions === "object"
      ? userInstructions
      : { text: userInstructions, hasProjectFiles: true };
  const heading = `# AGENTS.md instructions${hasProjectFiles ? ` for ${cwd}` : ""}`;
  return `${heading}\n\n<INSTRUCTIONS>\n${text}\n</INSTRUCTIONS>`;
}

/** A message of texts; absent and empty ones are left out. */
export function message(
  role: "developer" | "user",
  texts: readonly (string | undefined)[],
): MessageItem {
  return {
    type: "message",
    role,
    content: texts
      .filter((text) => !!text)
      .map((text) => ({ type: "input_text", text: text ?? "" })),
  };
}

/**
 * The message the model reads after a response that a content filter blocked. The tag is machine-read, the text is
 * ours.
 */
export function contentFilterGuidance(): MessageItem {
  return message("developer", [
    "<content_filter_guidance>\nA content filter blocked your last response. Asking again will not change that: do not repeat what was blocked or look for ways around the filter. Say briefly what you cannot do, and go on with the rest of the task.\n</content_filter_guidance>",
  ]);
}

/**
 * The message the model reads after an interrupted turn. The tag is machine-read, the text is ours.
 */
export function interruptedTurnMarker(): MessageItem {
  return message("user", [
    "<turn_aborted>\nThe user stopped the last turn on purpose. Commands that were running may have taken effect in part, and terminals in the background may still be running.\n</turn_aborted>",
  ]);
}
