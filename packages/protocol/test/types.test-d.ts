import { expectTypeOf } from "vitest";
import type {
  CodexErrorKind,
  EventMsg,
  JsonObject,
  ModelInfo,
  OtherItem,
  ResponseEvent,
  ResponseItem,
  ResponsesRequest,
  SessionId,
  SessionSource,
  ThreadId,
  TokenUsage,
} from "@codex-ts/protocol";
import {
  parseThreadId,
  readEventMsg,
  readModelInfo,
  readResponseItem,
  serviceTierForRequest,
  toSessionId,
  toWireItem,
} from "@codex-ts/protocol";

// Ids of different things do not mix, nor do plain texts pass for them.
expectTypeOf(parseThreadId).returns.toEqualTypeOf<ThreadId>();
expectTypeOf<ThreadId>().not.toExtend<SessionId>();
expectTypeOf<string>().not.toExtend<ThreadId>();
expectTypeOf(toSessionId).parameter(0).toEqualTypeOf<ThreadId>();

// Readers take anything and say when it does not fit.
expectTypeOf(readResponseItem).toEqualTypeOf<(value: unknown) => ResponseItem | undefined>();
expectTypeOf(readEventMsg).toEqualTypeOf<(value: unknown) => EventMsg | undefined>();
expectTypeOf(readModelInfo).toEqualTypeOf<(value: unknown) => ModelInfo | undefined>();

// What is written fits into a request; an item may be left out.
expectTypeOf(toWireItem).returns.toEqualTypeOf<JsonObject | undefined>();
expectTypeOf<JsonObject>().toExtend<ResponsesRequest["input"][number]>();

// Unions are told apart by one member.
expectTypeOf<Extract<ResponseItem, { type: "other" }>>().toEqualTypeOf<OtherItem>();
expectTypeOf<
  Extract<ResponseEvent, { type: "completed" }>["tokenUsage"]
>().toEqualTypeOf<TokenUsage | null>();
expectTypeOf<CodexErrorKind["kind"]>().extract<"stream">().toEqualTypeOf<"stream">();
expectTypeOf<{ custom: string }>().toExtend<SessionSource>();
expectTypeOf<"telepathy">().not.toExtend<SessionSource>();

// Helpers over models take any reader's model, as long as it has the members they use.
expectTypeOf(serviceTierForRequest)
  .parameter(0)
  .toEqualTypeOf<{ readonly service_tiers: readonly { readonly id: string }[] }>();
