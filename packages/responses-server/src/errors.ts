const BRAND: unique symbol = Symbol.for("codex-ts.error.ResponsesServerError");

/** Why a server could not do what was asked. */
export type ResponsesServerErrorCode =
  | "port_in_use"
  | "listen_failed"
  | "host_not_loopback"
  | "server_closed"
  | "connection_not_open";

/** Facts of a server error. */
export interface ResponsesServerErrorOptions {
  readonly code: ResponsesServerErrorCode;
  readonly host?: string;
  readonly port?: number;
  readonly cause?: unknown;
}

/** Every error this package throws. */
export class ResponsesServerError extends Error {
  override readonly name: string = "ResponsesServerError";
  /** For switches and logs. */
  readonly code: ResponsesServerErrorCode;
  /** Host that was asked for, where the error is about listening. */
  readonly host: string | undefined;
  /** Port that was asked for, where the error is about listening. */
  readonly port: number | undefined;

  constructor(message: string, options: ResponsesServerErrorOptions) {
    super(message, { cause: options.cause });
    this.code = options.code;
    this.host = options.host;
    this.port = options.port;
    Object.defineProperty(this, BRAND, { value: true });
  }

  /** Recognizes the error across copies of this package. */
  static is(error: unknown): error is ResponsesServerError {
    return typeof error === "object" && error !== null && BRAND in error;
  }
}
