import type { CodexThread, ThreadOptions, TurnFailure } from "@codex-ts/core";
import { CommandError } from "./errors.ts";
import { failureText } from "./failure-text.ts";
import { wireDiagnosis } from "./wire-failure.ts";

/** The error of a turn that failed, as one line for a person; where it was recorded, with what its wire log shows. */
export async function failedTurnError(
  failure: TurnFailure,
  {
    thread: { bundlePath },
    turnId,
    provider,
    commandName,
  }: {
    readonly thread: Pick<CodexThread, "bundlePath">;
    readonly turnId: string;
    readonly provider: ThreadOptions["provider"];
    readonly commandName: string;
  },
): Promise<CommandError> {
  const diagnosis = await wireDiagnosis(bundlePath, turnId);
  const text = await failureText(failure, { provider, commandName, diagnosis });
  const details = diagnosis && `wire: ${bundlePath}`;
  return new CommandError(text, details === undefined ? {} : { details });
}
