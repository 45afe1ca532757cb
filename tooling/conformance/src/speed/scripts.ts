import { functionCallExchange, messageExchange } from "@codex-ts/responses-server";
import type { ReceivedRequest, Script } from "@codex-ts/responses-server";

/** Every turn runs one command, then answers. */
export function turnWithCommand(): Script {
  return [
    {
      ...functionCallExchange({
        name: "exec_command",
        args: { cmd: "echo hello" },
        callId: "call_1",
      }),
      when: (request) => !hasOutput(request),
      repeat: Infinity,
    },
    { ...messageExchange("It said hello."), repeat: Infinity },
  ];
}

function hasOutput({ bodyText }: ReceivedRequest): boolean {
  return bodyText.includes('"function_call_output"');
}

const PIECES = 20_000;

/** Every turn is answered with one message in very many pieces. */
export function longAnswer(): Script {
  const parts = Array.from({ length: PIECES }, (_, index) => `word${index} `);
  return [{ ...messageExchange(parts), repeat: Infinity }];
}
