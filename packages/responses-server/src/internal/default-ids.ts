/**
 * Ids of the form the API uses. They count instead of being random, so that two runs of one script send the same
 * bytes, and are too long to be one that a script made up.
 */
export function defaultRequestId(requestIndex: number): string {
  return `req_${String(requestIndex + 1).padStart(32, "0")}`;
}

/** The id of a WebSocket handshake; never the one of a request. */
export function defaultHandshakeId(connectionIndex: number): string {
  return `req_c${String(connectionIndex + 1).padStart(31, "0")}`;
}
