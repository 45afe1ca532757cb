import { resolve } from "node:path";
import { shellJoin } from "@codex-ts/core";
import type {
  ApplyPatchApprovalRequestEvent,
  ExecApprovalRequestEvent,
  ExecCommandBeginEvent,
  ExecCommandEndEvent,
  FileChanges,
  ParsedCommand,
  PatchApplyBeginEvent,
  PatchApplyEndEvent,
} from "@codex-ts/protocol";
import { durationMs } from "./item.ts";
import type { ThreadItem } from "./item.ts";
import { camel } from "./status.ts";

type CommandItem = Extract<ThreadItem, { readonly type: "commandExecution" }>;
type FileChangeItem = Extract<ThreadItem, { readonly type: "fileChange" }>;

const RUNNING = {
  status: "inProgress",
  aggregatedOutput: null,
  exitCode: null,
  durationMs: null,
} as const;

/** A command that runs. */
export function toRunningCommand(msg: ExecCommandBeginEvent | ExecCommandEndEvent): CommandItem {
  return toCommand(msg, RUNNING);
}

/** A command that waits for a decision of the user. */
export function toAskedCommand(msg: ExecApprovalRequestEvent): CommandItem {
  return toCommand({ ...msg, source: "agent" }, RUNNING);
}

/** A command that has ended, or was declined. */
export function toEndedCommand(msg: ExecCommandEndEvent): CommandItem {
  const { status, aggregated_output: output } = msg;
  const isDeclined = status === "declined";
  return toCommand(msg, {
    status,
    aggregatedOutput: output === "" ? null : output,
    exitCode: isDeclined ? null : msg.exit_code,
    durationMs: isDeclined ? null : durationMs(msg.duration),
  });
}

function toCommand(
  msg: Pick<
    ExecCommandBeginEvent,
    "call_id" | "command" | "cwd" | "process_id" | "source" | "parsed_cmd"
  >,
  {
    status,
    ...outcome
  }: Pick<CommandItem, "status" | "aggregatedOutput" | "exitCode" | "durationMs">,
): CommandItem {
  return {
    type: "commandExecution",
    id: msg.call_id,
    command: shellJoin(msg.command),
    cwd: msg.cwd,
    processId: msg.process_id ?? null,
    source: camel(msg.source),
    status,
    commandActions: toCommandActions(msg.parsed_cmd, msg.cwd),
    ...outcome,
  };
}

/** The actions of a command, as far as its text shows; files that it reads by their absolute paths. */
export function toCommandActions(
  commands: readonly ParsedCommand[],
  cwd: string,
): readonly object[] {
  return commands.map(({ cmd, type, ...rest }) => ({
    type: type === "list_files" ? "listFiles" : type,
    command: cmd,
    ...rest,
    ...(type === "read" && "path" in rest && { path: resolve(cwd, rest.path ?? "") }),
  }));
}

/** A patch, on its way or at its end. */
export function toFileChange(
  msg: ApplyPatchApprovalRequestEvent | PatchApplyBeginEvent | PatchApplyEndEvent,
): FileChangeItem {
  const status = msg.type === "patch_apply_end" ? msg.status : "inProgress";
  return { type: "fileChange", id: msg.call_id, changes: toFileChanges(msg.changes), status };
}

/** Changes of a patch, sorted by path. */
function toFileChanges(changes: FileChanges): readonly object[] {
  return Object.entries(changes)
    .toSorted(([one], [other]) => (one < other ? -1 : 1))
    .map(([path, change]) => {
      switch (change.type) {
        case "add":
        case "delete":
          return { path, kind: { type: change.type }, diff: change.content };
        case "update": {
          const { move_path } = change;
          const moved = move_path === null ? "" : `\n\nMoved to: ${move_path}`;
          return {
            path,
            kind: { type: "update", move_path },
            diff: `${change.unified_diff}${moved}`,
          };
        }
        default:
          return change satisfies never;
      }
    });
}
