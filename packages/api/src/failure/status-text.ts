import { STATUS_CODES } from "node:http";

/** `401 Unauthorized`; an unknown status is its number alone. */
export function statusText(status: number): string {
  const phrase = STATUS_CODES[status];
  return phrase === undefined ? String(status) : `${status} ${phrase}`;
}

export function retryLimitText(status: number, requestId: string | undefined): string {
  const tail = requestId === undefined ? "" : `, request id: ${requestId}`;
  return `exceeded retry limit, last status: ${statusText(status)}${tail}`;
}
