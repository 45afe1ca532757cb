import { resolve } from "node:path";
import type {
  CollaborationMode,
  SandboxMode,
  Submission,
  TurnInput,
  TurnOptions,
} from "@codex-ts/core";
import {
  INVALID_PARAMS,
  INVALID_REQUEST,
  RpcError,
  invalidRequest,
  toRefusal,
} from "../connection/rpc-error.ts";
import type { MethodParams } from "../params/method-params.ts";
import type { OpenThread } from "../threads/open-thread.ts";
import type { ClientSession } from "../threads/session.ts";
import { showMode } from "../threads/show-thread.ts";
import { newer } from "../wire/generation.ts";
import { toEnvironment, toSandboxPolicy } from "../wire/settings.ts";
import type { ThreadSettingsFacts } from "../wire/settings.ts";
import { toTurn } from "../wire/turn.ts";
import type { Call, Methods } from "./method.ts";

/** Methods about turns. */
export function turnMethods(session: ClientSession): Methods {
  return {
    "turn/start": async (params, call) => startTurn(session, params, call),
    "turn/steer": (params) => steerTurn(session, params),
    "turn/interrupt": async ({ threadId, turnId }) => {
      const open = session.get(threadId);
      // Without an id: the turn that runs, if one does.
      if (turnId !== "") requireRunning(open, turnId, "interrupt");
      await open.thread.interrupt();
      return {};
    },
    "thread/shellCommand": ({ threadId, command }, call) => {
      const open = session.get(threadId);
      if (command.trim() === "") throw invalidRequest("command must not be empty");
      const { thread, settings } = open;
      const joined = thread.joinShellCommand(command);
      // What becomes of it is an event.
      joined?.catch(() => undefined);
      const turn = joined ? undefined : thread.runShellCommand(command, { cwd: settings.cwd });
      call.reply({});
      if (turn !== undefined) open.follow(turn);
      return undefined;
    },
    "thread/compact/start": async ({ threadId }, call) => {
      const open = session.get(threadId);
      call.reply({});
      // It takes the place of what runs.
      await open.thread.interrupt({ reason: "replaced" });
      open.follow(open.thread.compact());
      return undefined;
    },
  };
}

async function startTurn(
  session: ClientSession,
  params: MethodParams["turn/start"],
  call: Call,
): Promise<undefined> {
  const open = session.get(params.threadId);
  requireShort(params.input);
  const slug = params.collaborationMode?.model ?? params.model;
  const model =
    slug === undefined ? {} : { model: await session.options.host.model(slug, session.client) };
  const surroundings = { ...model, ...(await otherDirectory(session, open, params)) };
  const options = {
    ...changeSettings(session, open, params, surroundings),
    ...optionsOfTurn(params),
  };
  const submission = submit(open, params, options);
  const { turnId: id } = submission.type === "steered" ? submission : submission.turn;
  const { rootTurnId } = params;
  call.reply({ turn: toTurn(session.generation, { id, rootTurnId, status: "inProgress" }) });
  if (submission.type !== "steered") open.follow(submission.turn);
  return undefined;
}

/** Instructions and skills of the directory a turn goes to; 0.140 keeps those the thread began with. */
async function otherDirectory(
  session: ClientSession,
  open: OpenThread,
  params: MethodParams["turn/start"],
): Promise<Pick<TurnOptions, "userInstructions" | "skills">> {
  const cwd = wantedDirectory(open, params);
  if (session.generation === "0.140" || cwd === undefined || cwd === open.settings.cwd) return {};
  const { dynamicTools: _, ...wanted } = open.request;
  const { client, options } = session;
  try {
    const there = await options.host.threadOptions({ ...wanted, cwd, client });
    return { userInstructions: there.userInstructions ?? null, skills: there.skills ?? [] };
  } catch {
    // A directory that cannot be read has neither; the turn runs all the same.
    return { userInstructions: null, skills: [] };
  }
}

function wantedDirectory(
  open: OpenThread,
  { cwd }: Pick<MethodParams["turn/start"], "cwd">,
): string | undefined {
  return cwd === undefined ? undefined : resolve(open.settings.cwd, cwd);
}

/** Begins a turn; while one runs, the input goes to that one, as in Codex. */
function submit(
  open: OpenThread,
  { input }: MethodParams["turn/start"],
  options: TurnOptions,
): Submission {
  try {
    // A command of the user takes it, too, though nobody answers there: the model reads it in the next turn.
    const steered = open.thread.steer(input, options);
    return steered.type === "steered"
      ? steered
      : open.thread.submit(input, { ...options, whileRunning: "queue" });
  } catch (error) {
    throw toRefusal(error);
  }
}

/** Options of the turn alone. */
function optionsOfTurn(params: MethodParams["turn/start"]): TurnOptions {
  const { responsesapiClientMetadata: clientMetadata, clientUserMessageId: clientMessageId } =
    params;
  const { turnTrigger, rootTurnId, parentTurnId } = params;
  const outputSchema = params.outputSchema ?? undefined;
  return given({
    outputSchema,
    clientMessageId,
    clientMetadata,
    turnTrigger,
    rootTurnId,
    parentTurnId,
  });
}

/** Changes the settings for this turn and later ones, and notifies the client of a change. */
function changeSettings(
  session: ClientSession,
  open: OpenThread,
  params: MethodParams["turn/start"],
  surroundings: Pick<TurnOptions, "model" | "userInstructions" | "skills">,
): TurnOptions {
  const { approvalPolicy, serviceTier, summary, collaborationMode: mode } = params;
  const effort = mode?.effort ?? params.effort;
  const collaborationMode = mode && toMode(mode);
  const cwd = wantedDirectory(open, params);
  const sandboxMode = params.sandboxPolicy && toSandboxMode(params.sandboxPolicy);
  const options = given({
    cwd,
    approvalPolicy,
    sandboxMode,
    serviceTier,
    reasoningEffort: effort,
    reasoningSummary: summary,
    collaborationMode,
  });
  const before = JSON.stringify(open.settings);
  const changed = open.change(
    { ...options, ...surroundings },
    { ...options, ...given({ model: mode?.model ?? params.model }) },
  );
  if (JSON.stringify(open.settings) !== before) {
    session.notify({
      method: "thread/settings/updated",
      params: {
        threadId: open.threadId,
        threadSettings: showSettings(session, open.settings),
      },
    });
  }
  return changed;
}

function toMode({
  mode: kind,
  instructions,
}: NonNullable<MethodParams["turn/start"]["collaborationMode"]>): CollaborationMode {
  return instructions === undefined ? { kind } : { kind, instructions };
}

function showSettings(session: ClientSession, settings: ThreadSettingsFacts): object {
  const { cwd, model, reasoningEffort } = settings;
  return {
    ...newer(session.generation, { disabledPluginIds: [] }),
    cwd,
    ...newer(session.generation, { environments: [toEnvironment(cwd)] }),
    approvalPolicy: settings.approvalPolicy,
    approvalsReviewer: "user",
    sandboxPolicy: toSandboxPolicy(settings.sandboxMode),
    activePermissionProfile: null,
    model,
    modelProvider: settings.modelProvider,
    serviceTier: settings.serviceTier ?? null,
    effort: reasoningEffort ?? null,
    summary: settings.reasoningSummary ?? null,
    collaborationMode: showMode({ settings }),
    ...newer(session.generation, { multiAgentMode: "explicitRequestOnly" }),
    personality: null,
  };
}

function toSandboxMode(
  type: NonNullable<MethodParams["turn/start"]["sandboxPolicy"]>,
): SandboxMode {
  switch (type) {
    case "readOnly":
      return "read-only";
    case "workspaceWrite":
      return "workspace-write";
    case "dangerFullAccess":
      return "danger-full-access";
    case "externalSandbox":
      throw invalidRequest("the sandbox policy externalSandbox is not supported");
    default:
      return type satisfies never;
  }
}

function steerTurn(session: ClientSession, params: MethodParams["turn/steer"]): object {
  const open = session.get(params.threadId);
  if (params.expectedTurnId === "") throw invalidRequest("expectedTurnId must not be empty");
  requireRunning(open, params.expectedTurnId, "steer");
  if (params.input.length === 0) throw invalidRequest("input must not be empty");
  requireShort(params.input);
  const { responsesapiClientMetadata: clientMetadata, clientUserMessageId: clientMessageId } =
    params;
  const result = open.thread.steer(params.input, given({ clientMetadata, clientMessageId }));
  if (result.type === "steered") return { turnId: result.turnId };
  if (result.reason === "no_turn") throw invalidRequest("no active turn to steer");
  const turnKind = result.reason === "reviewing" ? "review" : "compact";
  const message = `cannot steer a ${turnKind} turn`;
  throw new RpcError(INVALID_REQUEST, message, {
    message,
    codexErrorInfo: { activeTurnNotSteerable: { turnKind } },
    additionalDetails: null,
    ...newer(session.generation, { misalignment: null }),
  });
}

/** Characters the texts of an input may have in all. */
const MAX_INPUT_CHARS = 1 << 20;

/** Throws `RpcError` for texts that are too long. Machine-read, the same in Codex. */
function requireShort(input: readonly TurnInput[]): void {
  const texts = input.flatMap((part) => (part.type === "text" ? [part.text] : []));
  if (texts.reduce((sum, { length }) => sum + length, 0) <= MAX_INPUT_CHARS) return;
  // Characters beyond 16 bits are one.
  const actual = texts.reduce((sum, text) => sum + Array.from(text).length, 0);
  if (actual <= MAX_INPUT_CHARS) return;
  throw new RpcError(
    INVALID_PARAMS,
    `Input exceeds the maximum length of ${MAX_INPUT_CHARS} characters.`,
    { input_error_code: "input_too_large", max_chars: MAX_INPUT_CHARS, actual_chars: actual },
  );
}

/** Throws `RpcError` unless it is that turn which runs. */
function requireRunning(open: OpenThread, turnId: string, purpose: "interrupt" | "steer"): void {
  const { runningTurnId } = open;
  if (runningTurnId === undefined) throw invalidRequest(`no active turn to ${purpose}`);
  if (!open.isRunning(turnId)) {
    throw invalidRequest(`expected active turn id ${turnId} but found ${runningTurnId}`);
  }
}

/** Without members that have no value. */
function given<Members extends object>(
  members: Members,
): { [Name in keyof Members]?: Exclude<Members[Name], undefined> } {
  const entries = Object.entries(members).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as ReturnType<typeof given<Members>>;
}
