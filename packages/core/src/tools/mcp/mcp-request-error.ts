/** A request that has failed. The message is for the model: without secrets, in Codex's form. */
export class McpRequestError extends Error {
  /** The server's own error; `undefined` where it did not answer. */
  readonly answer: { readonly code: number; readonly message: string } | undefined;

  constructor(message: string, answer?: { readonly code: number; readonly message: string }) {
    super(message);
    this.answer = answer;
  }
}
