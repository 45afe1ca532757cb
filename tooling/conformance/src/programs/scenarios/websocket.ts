import {
  close,
  connectionLimitReached,
  created,
  disconnect,
  errorExchange,
  failedExchange,
  functionCallExchange,
  messageExchange,
  streamedMessage,
} from "@codex-ts/responses-server";
import type { LiveScenario } from "../live-scenario.ts";

/** A scenario with a provider that can do WebSocket. */
function overWebSocket(
  name: string,
  scenario: Pick<LiveScenario, "script" | "handshakes" | "runsUntraced">,
): LiveScenario {
  return { name: `websocket-${name}`, provider: "supports_websockets = true", ...scenario };
}

const good = messageExchange("Better now.");

/** Turns over WebSocket, and those where it cannot be used. */
export const WEBSOCKET_SCENARIOS: readonly LiveScenario[] = [
  overWebSocket("turn", {
    runsUntraced: true,
    script: [
      functionCallExchange({ name: "exec_command", args: { cmd: "echo ws" }, callId: "call_1" }),
      messageExchange("Done."),
    ],
  }),
  ...[401, 426, 500].map((status) =>
    overWebSocket(`refused-${status}`, {
      handshakes: [{ status, repeat: Infinity }],
      script: [messageExchange("Over HTTP.")],
    }),
  ),
  overWebSocket("broken", {
    script: [
      { events: [created("resp_1"), ...streamedMessage("Cut off.").slice(0, 2), disconnect()] },
      good,
    ],
  }),
  overWebSocket("broken-always", {
    script: [
      { transport: "websocket", events: [created("resp_1"), disconnect()], repeat: Infinity },
      messageExchange("Over HTTP.", { transport: "http" }),
    ],
  }),
  overWebSocket("closed", { script: [{ events: [created("resp_1"), close(1000)] }, good] }),
  overWebSocket("response-failed", {
    script: [failedExchange({ code: "server_error", message: "broke down" }), good],
  }),
  overWebSocket("error-400", {
    script: [{ ...errorExchange(400, { message: "no" }), repeat: Infinity }],
  }),
  overWebSocket("error-429", {
    script: [{ ...errorExchange(429, { message: "slow down" }), repeat: Infinity }],
  }),
  overWebSocket("connection-limit", { script: [{ events: [connectionLimitReached()] }, good] }),
];
