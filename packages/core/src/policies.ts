/** Rights of commands. Those but `danger-full-access` are enforced by `bwrap`, which is for Linux only; without it no command runs. */
export type SandboxMode = "read-only" | "workspace-write" | "danger-full-access";

/**
 * When the user is asked. `untrusted`: before every command that is not known to only read, and every patch; `on-request`: when the
 * model wants to run a command without a sandbox, and before a patch that the sandbox does not let through; `on-failure`: before such
 * a patch; `never`: what would be asked about is refused. Rules (`execPolicy`) and commands that remove files by force are asked about
 * in all but the last.
 */
export type ApprovalPolicy = "untrusted" | "on-failure" | "on-request" | "never";

/** Text of the user for the model, as `readProjectInstructions` finds it. */
export interface UserInstructions {
  readonly text: string;
  /** Whether it belongs to the working directory, which its heading then names. A text alone is taken to belong there. */
  readonly hasProjectFiles: boolean;
}
