import { JsonNumber } from "../../json/node.ts";
import type { JsonNode } from "../../json/node.ts";
import { parseExactJson } from "../../json/parse-exact.ts";
import type { TerminalRequest } from "../../model/runtime.ts";
import { quote } from "../../reader/problem.ts";
import type { ReducerContext } from "../context.ts";
import type { ToolInvocation } from "../tool/tool-facts.ts";

interface StdinInvocation {
  readonly request: TerminalRequest;
  /** The session as the model named it. */
  readonly sessionId: string;
}

/** Reads the arguments of `write_stdin`; `undefined` when they do not say which process is meant. */
export function readStdinInvocation(
  context: ReducerContext,
  invocation: ToolInvocation,
): StdinInvocation | undefined {
  const { toolName, payloadType, payloadId } = invocation;
  const report = (what: string): undefined => {
    context.problem("payload_shape", `${quote(payloadId)} ${what}`, {
      payloadId,
      objectId: payloadId,
    });
  };
  if (invocation.isPartial) return report("was not recorded whole");
  const { haveNamespaces, requireStdinArguments } = context.rules.tools;
  const namespace = haveNamespaces ? invocation.namespace : "none";
  if (
    toolName !== "write_stdin" ||
    payloadType !== "function" ||
    invocation.arguments === null ||
    namespace === "malformed"
  )
    return report("is no function invocation of write_stdin");
  // A tool of the same name in some namespace is another tool.
  if (namespace === "some") return undefined;
  const read = readArguments(invocation.arguments);
  if (read === undefined && requireStdinArguments)
    return report("has malformed arguments of write_stdin");
  return read;
}

function readArguments(text: string): StdinInvocation | undefined {
  let node: JsonNode;
  try {
    node = parseExactJson(text);
  } catch {
    return undefined;
  }
  if (!(node instanceof Map)) return undefined;
  const sessionId = sessionText(node.get("session_id"));
  const stdin = node.has("chars") ? node.get("chars") : "";
  const yieldTimeMs = countOrNull(node.get("yield_time_ms"));
  const maxOutputTokens = countOrNull(node.get("max_output_tokens"));
  if (sessionId === undefined || typeof stdin !== "string") return undefined;
  if (yieldTimeMs === undefined || maxOutputTokens === undefined) return undefined;
  return {
    sessionId,
    request: {
      type: "write_stdin",
      stdin,
      yield_time_ms: yieldTimeMs,
      max_output_tokens: maxOutputTokens,
    },
  };
}

function sessionText(node: JsonNode | undefined): string | undefined {
  if (node instanceof JsonNumber) return node.text;
  return typeof node === "string" && node !== "" ? node : undefined;
}

/** `null` when absent, `undefined` when it is something else than a count. */
function countOrNull(node: JsonNode | undefined): number | null | undefined {
  if (node === undefined || node === null) return null;
  return node instanceof JsonNumber && /^\d+$/.test(node.text) ? Number(node.text) : undefined;
}
