import type { JsonObject, JsonValue } from "@codex-ts/protocol";
import { isJsonObject } from "@codex-ts/protocol";
import type { ClientOptions, TransportContext } from "../http/transport-context.ts";
import { transportContext } from "../http/transport-context.ts";
import type { CallOptions, CallResult } from "./unary-call.ts";
import { sendUnary } from "./unary-call.ts";

/** Body of `POST /alpha/search`. */
export interface SearchRequest {
  readonly id: string;
  readonly model: string;
  readonly reasoning?: JsonObject;
  readonly input?: string | readonly JsonObject[];
  readonly commands?: JsonValue;
  readonly settings?: JsonObject;
  readonly max_output_tokens?: number;
}

/** Result of a search; `encrypted_output` is for the model alone. */
export interface SearchResponse extends CallResult {
  readonly output: JsonValue;
  readonly encryptedOutput: string | undefined;
}

/** `POST /alpha/search`. Experimental: the endpoint is. */
export class SearchClient {
  readonly #context: TransportContext;

  constructor(options: ClientOptions) {
    this.#context = transportContext(options);
  }

  async search(request: SearchRequest, options: CallOptions = {}): Promise<SearchResponse> {
    const response = await sendUnary(this.#context, {
      endpoint: "search",
      method: "POST",
      path: "alpha/search",
      json: {
        id: request.id,
        model: request.model,
        reasoning: request.reasoning,
        input: request.input,
        commands: request.commands,
        settings: request.settings,
        max_output_tokens: request.max_output_tokens,
      },
      options,
      defaultTimeoutMs: this.#context.provider.streamIdleTimeoutMs,
    });
    const body = response.json();
    if (!isJsonObject(body) || body["output"] === undefined) {
      throw response.unexpected("the search response has no output");
    }
    const encrypted = body["encrypted_output"];
    return {
      output: body["output"],
      encryptedOutput: typeof encrypted === "string" ? encrypted : undefined,
      upstreamRequestId: response.upstreamRequestId,
    };
  }
}
