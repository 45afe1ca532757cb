import type { CommandForm } from "../compatibility/compatibility-profile.ts";

/** Output the model reads for a call that the user stopped. Machine-read: servers and traces know the words. */
export function abortedText(ms: number): string {
  return `aborted by user after ${seconds(ms)}s`;
}

/** The same for a command. */
export function abortedCommandText(ms: number, { stoppedText }: CommandForm): string {
  if (stoppedText === "as_every_call") return abortedText(ms);
  return `Wall time: ${seconds(ms)} seconds\naborted by user`;
}

function seconds(ms: number): string {
  return Math.max(ms / 1000, 0.1).toFixed(1);
}
