import type { MethodName, MethodParams } from "../params/method-params.ts";

/** One request as a method sees it. */
export interface Call {
  /**
   * Responds before the method returns, for notifications that come after the response. Such a method returns
   * `undefined`.
   */
  reply(result: object): void;
}

/** Does what a request asks for. Throws or rejects with `RpcError`. */
type Method<Name extends MethodName> = (
  params: MethodParams[Name],
  call: Call,
) => Promise<object | undefined> | object | undefined;

export type Methods = { readonly [Name in MethodName]?: Method<Name> };
