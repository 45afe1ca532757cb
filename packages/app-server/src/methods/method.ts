import type { MethodName, MethodParams } from "../params/method-params.ts";

/** One request as a method sees it. */
export interface Call {
  /**
   * Answers before the method returns: what it does after that comes after the answer. A method that answers so returns
   * nothing.
   */
  reply(result: object): void;
}

/** Does what a request asks for. Throws or rejects with `RpcError`. */
export type Method<Name extends MethodName> = (
  params: MethodParams[Name],
  call: Call,
) => Promise<object | undefined> | object | undefined;

export type Methods = { readonly [Name in MethodName]?: Method<Name> };
