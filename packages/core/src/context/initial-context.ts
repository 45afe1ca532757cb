import type { MessageItem } from "@codex-ts/protocol";
import type { ApprovalPolicy } from "../thread-options.ts";
import { environmentContext } from "./environment-context.ts";
import type { EnvironmentFacts } from "./environment-context.ts";
import { permissionsInstructions } from "./permissions-instructions.ts";

/** What a thread tells the model before its first turn. */
export interface InitialContext extends EnvironmentFacts {
  readonly approvalPolicy: ApprovalPolicy;
  readonly includePermissionsInstructions: boolean;
  readonly developerInstructions: string | undefined;
  /** Text of the user's `AGENTS.md` files. */
  readonly userInstructions: string | undefined;
}

/**
 * The first items of a thread: one developer message with a part per section (none without sections), then one user
 * message with the user's instructions and the environment. Source: core spec 4.3.
 */
export function initialContext(context: InitialContext): readonly MessageItem[] {
  const developer = [
    context.includePermissionsInstructions ? permissionsInstructions(context) : undefined,
    context.developerInstructions,
  ];
  const user = [
    context.userInstructions === undefined
      ? undefined
      : `# AGENTS.md instructions for ${context.cwd}\n\n<INSTRUCTIONS>\n${context.userInstructions}\n</INSTRUCTIONS>`,
    environmentContext(context),
  ];
  return [message("developer", developer), message("user", user)].filter(
    (item) => item.content.length > 0,
  );
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
 * What the model reads after an interrupted turn. The tag is machine-read, the text is ours.
 */
export function interruptedTurnMarker(): MessageItem {
  return message("user", [
    "<turn_aborted>\nThe user stopped the last turn on purpose. Commands that were running may have taken effect in part, and terminals in the background may still be running.\n</turn_aborted>",
  ]);
}
