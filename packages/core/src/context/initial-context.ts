import type { MessageItem } from "@codex-ts/protocol";
import type { ApprovalPolicy, UserInstructions } from "../policies.ts";
import { environmentContext } from "./environment-context.ts";
import type { EnvironmentFacts } from "./environment-context.ts";
import { permissionsInstructions } from "./permissions-instructions.ts";

/** Context the model receives before the first turn of a thread. */
export interface InitialContext extends EnvironmentFacts {
  readonly approvalPolicy: ApprovalPolicy;
  readonly includePermissionsInstructions: boolean;
  readonly developerInstructions: string | undefined;
  /** Text of the user's `AGENTS.md` files. */
  readonly userInstructions: string | UserInstructions | undefined;
}

/**
 * The first items of a thread: one developer message with a part per section (none without sections), then one user
 * message with the user's instructions and the environment. Source: docs/behavior/core.md 4.3.
 */
export function initialContext(context: InitialContext): readonly MessageItem[] {
  const developer = [
    context.includePermissionsInstructions ? permissionsInstructions(context) : undefined,
    context.developerInstructions,
  ];
  const user = [
    context.userInstructions === undefined ? undefined : instructionsBlock(context),
    environmentContext(context),
  ];
  return [message("developer", developer), message("user", user)].filter(
    (item) => item.content.length > 0,
  );
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
 * The message the model reads after an interrupted turn. The tag is machine-read, the text is ours.
 */
export function interruptedTurnMarker(): MessageItem {
  return message("user", [
    "<turn_aborted>\nThe user stopped the last turn on purpose. Commands that were running may have taken effect in part, and terminals in the background may still be running.\n</turn_aborted>",
  ]);
}
