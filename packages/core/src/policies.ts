/** Rights of commands. Those but `danger-full-access` are enforced by `bwrap`, which is for Linux only; without it no command runs. */
export type SandboxMode = "read-only" | "workspace-write" | "danger-full-access";

/**
 * When a person is asked. This package never asks: everything that would need an approval is refused with a text, which
 * is every command for `untrusted`.
 */
export type ApprovalPolicy = "untrusted" | "on-failure" | "on-request" | "never";

/** Text of the user for the model, as `readProjectInstructions` finds it. */
export interface UserInstructions {
  readonly text: string;
  /** Whether it belongs to the working directory, which its heading then names. A text alone is taken to belong there. */
  readonly hasProjectFiles: boolean;
}
