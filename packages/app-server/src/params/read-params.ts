import type { ReviewTarget, SandboxMode, TurnInput } from "@codex-ts/core";
import { isJsonObject } from "@codex-ts/protocol";
import type { JsonObject } from "@codex-ts/protocol";
import { z } from "zod";
import { invalidRequest } from "../connection/rpc-error.ts";
import { clientTools } from "./client-tool-params.ts";
import type { MethodName, MethodParams } from "./method-params.ts";

/** A member that a client may leave out or set to null. */
function maybe<Schema extends z.ZodType>(schema: Schema): z.ZodType<z.output<Schema> | undefined> {
  return schema.nullish().transform((value) => value ?? undefined) as never;
}

const text = z.string();
const threadId = { threadId: z.guid() };
/** With a path nobody looks at the id. */
const keptThread = { threadId: text, path: maybe(text) };

const approvalPolicy = z.union([
  z.enum(["untrusted", "on-failure", "on-request", "never"]),
  z.object({
    granular: z.object({
      sandbox_approval: z.boolean(),
      rules: z.boolean(),
      skill_approval: z.boolean().default(false),
      request_permissions: z.boolean().default(false),
      mcp_elicitations: z.boolean(),
    }),
  }),
]);
const sandboxMode = z.enum(["read-only", "workspace-write", "danger-full-access"]);
const imageDetail = z.enum(["auto", "low", "high", "original"]);

const sandboxPolicy = z
  .object({ type: z.enum(["dangerFullAccess", "readOnly", "workspaceWrite", "externalSandbox"]) })
  .transform(({ type }) => type);

const textElement = z
  .object({
    byteRange: z.object({ start: z.int().nonnegative(), end: z.int().nonnegative() }),
    placeholder: maybe(text),
  })
  .transform(({ byteRange: byte_range, placeholder = null }) => ({ byte_range, placeholder }));

const input = z
  .discriminatedUnion("type", [
    z.object({ type: z.literal("text"), text, text_elements: maybe(z.array(textElement)) }),
    z.object({ type: z.literal("image"), url: text, detail: maybe(imageDetail) }),
    z.object({ type: z.literal("localImage"), path: text, detail: maybe(imageDetail) }),
    z.object({ type: z.literal("skill"), name: text, path: text }),
    z.object({ type: z.literal("mention"), name: text, path: text }),
  ])
  .transform((part): TurnInput => {
    switch (part.type) {
      case "text":
        return { type: "text", text: part.text, text_elements: part.text_elements ?? [] };
      case "image":
        return { type: "image", image_url: part.url, ...withDetail(part.detail) };
      case "localImage":
        return { type: "local_image", path: part.path, ...withDetail(part.detail) };
      case "skill":
      case "mention":
        return part;
      default:
        return part satisfies never;
    }
  });

const inputs = z.array(input);

function withDetail(detail: z.output<typeof imageDetail> | undefined): {
  readonly detail?: z.output<typeof imageDetail>;
} {
  return detail === undefined ? {} : { detail };
}

const jsonObject = z.custom<JsonObject>((value) => isJsonObject(value), "expected an object");

const threadOverrides = {
  cwd: maybe(text),
  model: maybe(text),
  modelProvider: maybe(text),
  approvalPolicy: maybe(approvalPolicy),
  sandbox: maybe(sandboxMode),
  config: maybe(jsonObject),
  baseInstructions: maybe(text),
  developerInstructions: maybe(text),
  serviceTier: maybe(text),
};

const keptTurn = z.object({
  cwd: text.optional().catch(undefined),
  model: text.optional().catch(undefined),
  effort: text.optional().catch(undefined),
  sandbox_policy: z.object({ type: sandboxMode }).optional().catch(undefined),
});

/** The settings of a turn as a session file keeps them. */
export interface KeptTurnSettings {
  readonly cwd?: string | undefined;
  readonly model?: string | undefined;
  readonly effort?: string | undefined;
  readonly sandbox_policy?: { readonly type: SandboxMode } | undefined;
}

/** The settings of a turn, without those that cannot be read. */
export function readKeptTurn(payload: JsonObject): KeptTurnSettings {
  return keptTurn.parse(payload);
}

const collaborationMode = z
  .object({
    mode: z.enum(["default", "plan"]),
    settings: z.object({
      model: text,
      reasoning_effort: maybe(text),
      developer_instructions: maybe(text),
    }),
  })
  .transform(({ mode, settings }) => ({
    mode,
    model: settings.model,
    effort: settings.reasoning_effort,
    instructions: settings.developer_instructions,
  }));

const reviewTarget = z
  .discriminatedUnion("type", [
    z.object({ type: z.literal("uncommittedChanges") }),
    z.object({ type: z.literal("baseBranch"), branch: text }),
    z.object({ type: z.literal("commit"), sha: text, title: maybe(text) }),
    z.object({ type: z.literal("custom"), instructions: text }),
  ])
  .transform((target): ReviewTarget => {
    if (target.type !== "commit") return target;
    const { title, ...commit } = target;
    return title === undefined ? commit : { ...commit, title };
  });

const page = {
  cursor: maybe(text),
  limit: maybe(z.int().nonnegative()),
};

const turnPage = {
  ...page,
  sortDirection: maybe(z.enum(["asc", "desc"])),
  itemsView: maybe(z.enum(["notLoaded", "summary", "full"])),
};

const PARAMS: { readonly [Name in MethodName]: z.ZodType<MethodParams[Name]> } = {
  initialize: z.object({
    clientInfo: z.object({
      name: text,
      title: text.nullish().transform((title) => title ?? null),
      version: text,
    }),
    capabilities: maybe(
      z.object({
        experimentalApi: maybe(z.boolean()),
        optOutNotificationMethods: maybe(z.array(text)),
      }),
    ),
  }),
  "thread/start": z.object({
    ...threadOverrides,
    ephemeral: maybe(z.boolean()),
    threadSource: maybe(text),
    dynamicTools: maybe(clientTools),
  }),
  "thread/resume": z.object({
    ...keptThread,
    ...threadOverrides,
    history: maybe(z.array(z.unknown())),
    excludeTurns: maybe(z.boolean()),
    initialTurnsPage: maybe(z.object(turnPage)),
  }),
  "thread/fork": z.object({
    ...keptThread,
    ...threadOverrides,
    beforeTurnId: maybe(text),
    lastTurnId: maybe(text),
    ephemeral: maybe(z.boolean()),
    threadSource: maybe(text),
    excludeTurns: maybe(z.boolean()),
  }),
  "thread/unsubscribe": z.object(threadId),
  "thread/archive": z.object(threadId),
  "thread/unarchive": z.object(threadId),
  "thread/name/set": z.object({ ...threadId, name: text }),
  "thread/compact/start": z.object(threadId),
  "thread/shellCommand": z.object({ ...threadId, command: text }),
  "thread/rollback": z.object({ ...threadId, numTurns: z.int().min(1) }),
  "thread/revert": z.object({ ...threadId, beforeTurnId: text }),
  "thread/read": z.object({ ...threadId, includeTurns: maybe(z.boolean()) }),
  "thread/turns/list": z.object({
    ...threadId,
    ...turnPage,
  }),
  "thread/list": z.object({
    ...page,
    archived: maybe(z.boolean()),
    cwd: maybe(z.union([text, z.array(text)])),
    modelProviders: maybe(z.array(text)),
    searchTerm: maybe(text),
    sourceKinds: maybe(z.array(text)),
    sortKey: maybe(text),
    sortDirection: maybe(z.enum(["asc", "desc"])),
  }),
  "thread/loaded/list": z.object({ ...page }),
  "turn/start": z.object({
    ...threadId,
    input: inputs,
    cwd: maybe(text),
    model: maybe(text),
    approvalPolicy: maybe(approvalPolicy),
    sandboxPolicy: maybe(sandboxPolicy),
    serviceTier: text.nullish(),
    effort: maybe(text),
    summary: maybe(z.enum(["auto", "concise", "detailed", "none"])),
    outputSchema: z.unknown().optional(),
    collaborationMode: maybe(collaborationMode),
    clientUserMessageId: maybe(text),
    responsesapiClientMetadata: maybe(z.record(text, text)),
    turnTrigger: maybe(text),
    rootTurnId: maybe(text),
    parentTurnId: maybe(text),
  }),
  "turn/steer": z.object({
    ...threadId,
    expectedTurnId: text,
    input: inputs,
    clientUserMessageId: maybe(text),
    responsesapiClientMetadata: maybe(z.record(text, text)),
  }),
  "turn/interrupt": z.object({ ...threadId, turnId: text }),
  "review/start": z.object({
    ...threadId,
    target: reviewTarget,
    delivery: maybe(z.enum(["inline", "detached"])),
  }),
  "model/list": z.object({ ...page, includeHidden: maybe(z.boolean()) }),
  "skills/list": z.object({ cwds: maybe(z.array(text)), forceReload: maybe(z.boolean()) }),
  "config/read": z.object({ includeLayers: maybe(z.boolean()), cwd: maybe(text) }),
  "account/read": z.object({ refreshToken: maybe(z.boolean()) }),
  getAuthStatus: z.object({ includeToken: maybe(z.boolean()), refreshToken: maybe(z.boolean()) }),
  "mcpServerStatus/list": z.object({ ...page }),
  "mcpServer/resource/read": z.object({ threadId: maybe(z.guid()), server: text, uri: text }),
};

export function isMethodName(method: string): method is MethodName {
  return Object.hasOwn(PARAMS, method);
}

/** Reads the parameters of a method. Throws `RpcError` that says what is wrong with which member. */
export function readParams<Name extends MethodName>(
  method: Name,
  params: unknown,
): MethodParams[Name] {
  if (params === undefined) throw invalidRequest("Invalid request: missing field `params`");
  const result = PARAMS[method].safeParse(params);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const path = (issue?.path ?? []).map(String).join(".").slice(0, 200);
  const where = path === "" ? "" : ` at \`${path}\``;
  throw invalidRequest(`Invalid request: ${(issue?.message ?? "").slice(0, 300)}${where}`);
}
