import type { ReceivedRequest } from "../received-request.ts";
import type { BodyReply } from "../script/exchange.ts";
import { isSamePath } from "./script-book.ts";

/** True for the request of the standard model list. */
export function isModelsRequest(request: ReceivedRequest, basePath: string): boolean {
  return request.method === "GET" && isSamePath(request.path, "/models", basePath);
}

/** The model list in the standard shape. */
export function modelsReply(ids: readonly string[]): BodyReply {
  const entry = { object: "model", created: 1_700_000_000, owned_by: "responses-server" };
  return { body: { object: "list", data: ids.map((id) => ({ id, ...entry })) } };
}
