/**
 * Output the model reads for a call that the user stopped (0.140 form). Machine-read: servers and traces know the
 * words.
 */
export function abortedText(ms: number): string {
  return `aborted by user after ${Math.max(ms / 1000, 0.1).toFixed(1)}s`;
}
