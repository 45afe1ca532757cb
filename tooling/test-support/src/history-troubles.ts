/** An item of a request's input. */
type Item = Readonly<Record<string, unknown>>;

/** The type of the output that each type of call gets. */
const OUTPUTS: ReadonlyMap<unknown, string> = new Map([
  ["function_call", "function_call_output"],
  ["custom_tool_call", "custom_tool_call_output"],
]);

/**
 * What no request of a thread may have, one line each: a call without an output behind it, an output without a call, an id
 * that stands twice.
 */
export function historyTroubles(input: readonly Item[]): string[] {
  const troubles: string[] = [];
  const open = new Map<unknown, string>();
  const callIds = new Set<unknown>();
  const itemIds = new Set<unknown>();
  for (const { type, id, call_id: callId } of input) {
    if (id !== undefined && itemIds.has(id)) troubles.push(`two items ${JSON.stringify(id)}`);
    itemIds.add(id);
    const expected = OUTPUTS.get(type);
    if (expected !== undefined) {
      if (callIds.has(callId)) troubles.push(`two calls ${String(callId)}`);
      callIds.add(callId);
      open.set(callId, expected);
    } else if (typeof type === "string" && type.endsWith("_call_output")) {
      if (open.get(callId) !== type) troubles.push(`${type} ${String(callId)} without a call`);
      open.delete(callId);
    }
  }
  for (const callId of open.keys()) troubles.push(`call ${String(callId)} without an output`);
  return troubles;
}

/** The input of each request as a whole: over WebSocket a request is sent as what the server does not know yet. */
export class WholeInputs {
  readonly #byResponse = new Map<string, readonly Item[]>();

  /** The whole input of a request that will be answered by the response `responseId` with `output`. */
  read(body: Item): readonly Item[] {
    const { input, previous_response_id: previous } = body;
    const sent = Array.isArray(input) ? (input as readonly Item[]) : [];
    if (typeof previous !== "string") return sent;
    const before = this.#byResponse.get(previous);
    if (before === undefined) throw new Error(`nothing is known of ${previous}`);
    return [...before, ...sent];
  }

  /** Notes what a later request may build on; all that was noted before is forgotten. */
  note(responseId: string, input: readonly Item[], output: readonly Item[]): void {
    this.#byResponse.clear();
    this.#byResponse.set(responseId, [...input, ...output]);
  }
}
