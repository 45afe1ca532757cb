import { isJsonObject } from "@codex-ts/protocol";
import type { JsonObject, JsonValue } from "@codex-ts/protocol";
import type { JsonNode } from "../../json/node.ts";
import { printCompact } from "../../json/print.ts";
import type { TerminalRequest, TerminalResult } from "../../model/runtime.ts";
import type { LoadedPayload } from "../loaded-payload.ts";
import type { SchemaRules } from "../../schema/schema-rules.ts";

export interface ExecBegin {
  readonly request: TerminalRequest;
  readonly processId: string | null;
}

export interface TerminalEnd {
  readonly result: TerminalResult;
  readonly processId: string | null;
}

/** Reads the body of a runtime start; `undefined` after reporting that it is none. */
export function readExecBegin(
  payload: LoadedPayload,
  kind: "exec_command" | "write_stdin",
): ExecBegin | undefined {
  const body = payload.wholeJson();
  if (body === undefined) return undefined;
  const command = isJsonObject(body) ? body["command"] : undefined;
  const cwd = isJsonObject(body) ? body["cwd"] : undefined;
  const stdin = isJsonObject(body) ? (body["interaction_input"] ?? "") : undefined;
  const processId = processIdOf(body);
  const isBegin =
    processId !== undefined &&
    isTextList(command) &&
    typeof cwd === "string" &&
    typeof stdin === "string";
  if (!isBegin) {
    payload.misshapen("is not the begin of a command");
    return undefined;
  }
  const request: TerminalRequest =
    kind === "write_stdin"
      ? { type: kind, stdin, yield_time_ms: null, max_output_tokens: null }
      : {
          type: kind,
          command,
          display_command: command.join(" "),
          cwd,
          yield_time_ms: null,
          max_output_tokens: null,
        };
  return { request, processId };
}

/** Reads what ended an operation: a runtime end, or for writes also the result of the dispatch. */
export function readTerminalEnd(
  payload: LoadedPayload,
  kind: "exec_command" | "write_stdin",
  rules: SchemaRules["terminals"],
): TerminalEnd | undefined {
  const body = payload.wholeJson();
  if (body === undefined) return undefined;
  const end =
    execEnd(payload, body, rules) ??
    (kind === "write_stdin" ? dispatchResult(payload, body) : undefined);
  if (end === undefined) payload.misshapen("is not the end of a command");
  return end;
}

function execEnd(
  payload: LoadedPayload,
  body: JsonValue,
  rules: SchemaRules["terminals"],
): TerminalEnd | undefined {
  const processId = processIdOf(body);
  if (!isJsonObject(body) || processId === undefined) return undefined;
  const exitCode = body["exit_code"];
  if (!isInt32(exitCode) || !payload.writesInteger(exitCode, ["exit_code"])) return undefined;
  if (rules.output === "aggregated") {
    const output = body["aggregated_output"] ?? "";
    if (typeof output !== "string" || body["aggregated_output"] === null) return undefined;
    return { processId, result: terminalResult({ exitCode, stdout: output }) };
  }
  const { stdout, stderr, formatted_output: formatted } = body;
  if (typeof stdout !== "string" || typeof stderr !== "string" || typeof formatted !== "string")
    return undefined;
  return { processId, result: terminalResult({ exitCode, stdout, stderr, formatted }) };
}

function dispatchResult(payload: LoadedPayload, body: JsonValue): TerminalEnd | undefined {
  if (!isJsonObject(body)) return undefined;
  const type = body["type"];
  if (type === "direct_response") return directResult(payload, body);
  if (type === "code_mode_response") return codeModeResult(payload, body);
  const error = body["error"];
  if (type !== "error" || typeof error !== "string") return undefined;
  return { processId: null, result: terminalResult({ stderr: error, formatted: error }) };
}

function directResult(payload: LoadedPayload, body: JsonObject): TerminalEnd | undefined {
  const item = body["response_item"];
  if (item === undefined) return undefined;
  const exact = memberNode(payload.exact(), "response_item");
  const text = isJsonObject(item)
    ? textOf(item["output"], () => memberNode(exact, "output"))
    : undefined;
  return shown(text ?? printCompact(exact));
}

function codeModeResult(payload: LoadedPayload, body: JsonObject): TerminalEnd | undefined {
  const value = body["value"];
  if (value === undefined) return undefined;
  const structured = isJsonObject(value) ? structuredResult(payload, value) : undefined;
  if (structured !== undefined) return { processId: null, result: structured };
  const exact = memberNode(payload.exact(), "value");
  return shown(textOf(value, () => exact) ?? printCompact(exact));
}

/** A result with its facts apart; one member of another type makes it a value like any other. */
function structuredResult(payload: LoadedPayload, value: JsonObject): TerminalResult | undefined {
  const isWritten = (number: number, name: string): boolean =>
    payload.writesInteger(number, ["value", name]);
  const { output } = value;
  const exitCode = value["exit_code"] ?? null;
  const tokens = value["original_token_count"] ?? null;
  const chunkId = value["chunk_id"] ?? null;
  if (typeof output !== "string") return undefined;
  if (exitCode !== null && !(isInt32(exitCode) && isWritten(exitCode, "exit_code")))
    return undefined;
  if (tokens !== null && !(isCount(tokens) && isWritten(tokens, "original_token_count")))
    return undefined;
  if (chunkId !== null && typeof chunkId !== "string") return undefined;
  return {
    ...terminalResult({ exitCode, stdout: output, formatted: output }),
    original_token_count: tokens,
    chunk_id: chunkId,
  };
}

/** Output the model saw and nothing else is known about. */
function shown(output: string): TerminalEnd {
  return { processId: null, result: terminalResult({ stdout: output, formatted: output }) };
}

function terminalResult(known: {
  readonly exitCode?: number | null;
  readonly stdout?: string;
  readonly stderr?: string;
  readonly formatted?: string;
}): TerminalResult {
  return {
    exit_code: known.exitCode ?? null,
    stdout: known.stdout ?? "",
    stderr: known.stderr ?? "",
    formatted_output: known.formatted ?? null,
    original_token_count: null,
    chunk_id: null,
  };
}

function textOf(value: JsonValue | undefined, exact: () => JsonNode): string | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value === "string") return value;
  if (!Array.isArray(value)) return printCompact(exact());
  const texts = (value as readonly JsonValue[]).flatMap((element) => {
    const text = isJsonObject(element) ? element["text"] : undefined;
    return typeof text === "string" ? [text] : [];
  });
  return texts.length === 0 ? undefined : texts.join("\n");
}

function memberNode(node: JsonNode, name: string): JsonNode {
  return node instanceof Map ? (node.get(name) ?? null) : null;
}

/** `null` when there is none, `undefined` when it is not a string. */
function processIdOf(body: JsonValue): string | null | undefined {
  const value = isJsonObject(body) ? (body["process_id"] ?? null) : undefined;
  return value === null || typeof value === "string" ? value : undefined;
}

function isTextList(value: JsonValue | undefined): value is readonly string[] {
  return Array.isArray(value) && value.every((element) => typeof element === "string");
}

function isInt32(value: JsonValue | undefined): value is number {
  return typeof value === "number" && (value | 0) === value;
}

function isCount(value: JsonValue | undefined): value is number {
  return typeof value === "number" && Number.isInteger(value) && value >= 0;
}
