/** A request that has failed. The message is for the model: without secrets, in Codex's form. */
export class McpRequestError extends Error {
  /** The server's own error; `undefined` where it did not respond. */
  readonly response: { readonly code: number; readonly message: string } | undefined;

  constructor(message: string, response?: { readonly code: number; readonly message: string }) {
    super(message);
    this.response = response;
  }
}
