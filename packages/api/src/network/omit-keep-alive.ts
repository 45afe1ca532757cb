import type { Socket } from "node:net";

/** A head as undici writes it: request line, host, and always this header, which says what HTTP/1.1 does anyway. */
const HEAD_WITH_KEEP_ALIVE =
  /^([^\r\n]+ HTTP\/1\.1\r\nhost: [^\r\n]*\r\n)connection: keep-alive\r\n/;

/**
 * Takes `connection: keep-alive` out of the requests undici writes to a socket: Codex sends no such
 * header, and undici has no setting for it. It writes each head as one string in latin1, a body in no encoding or none
 * of its own, so that no byte of a body is ever touched; a caller's `connection: close` stays.
 */
export function omitKeepAlive(socket: Socket): void {
  const write = socket.write.bind(socket) as (...parts: unknown[]) => boolean;
  socket.write = (chunk: unknown, encoding?: unknown, ...rest: unknown[]): boolean => {
    const isHead = typeof chunk === "string" && encoding === "latin1";
    return write(isHead ? chunk.replace(HEAD_WITH_KEEP_ALIVE, "$1") : chunk, encoding, ...rest);
  };
}
