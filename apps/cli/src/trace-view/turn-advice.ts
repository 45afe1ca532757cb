/** The setting a message names behind it, as `the turn wants more than 4 requests (turn_max_requests)`. */
const SETTING = /\(([a-z]+(?:_[a-z]+)+)\)$/;

/** Advice about a turn that no server made fail, by what its session said; `undefined` where that names no setting. */
export function turnAdvice(message: string): string | undefined {
  const setting = SETTING.exec(message)?.[1];
  if (setting === undefined) return undefined;
  const smaller = setting.startsWith("stream_")
    ? "ask for a shorter response"
    : "give less to do in one turn";
  return `a limit of this client ended the turn, no server and no user: raise or remove ${setting}, or ${smaller}`;
}
