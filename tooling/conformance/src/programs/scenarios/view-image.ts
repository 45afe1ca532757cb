import { functionCallExchange, messageExchange } from "@codex-ts/responses-server";
import type { Exchange } from "@codex-ts/responses-server";
import type { LiveScenario } from "../live-scenario.ts";

/** One white dot. */
const DOT = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==",
  "base64",
);

const calls = (
  ...args: readonly Parameters<typeof functionCallExchange>[0]["args"][]
): Exchange[] =>
  args.map((each, index) =>
    functionCallExchange({ name: "view_image", args: each, callId: `call_${index + 1}` }),
  );

/** Images of the working directory that the model looks at. */
export const VIEW_IMAGE_SCENARIOS: readonly LiveScenario[] = [
  {
    name: "view-image",
    files: {
      "dot.png": DOT,
      "folder/dot": DOT,
      "text.png": "no image\n",
      text: "no image\n",
      "NOTE.TXT": "no image\n",
    },
    script: [
      ...calls(
        { path: "dot.png" },
        { path: "folder/dot" },
        { path: "none.png" },
        { path: "folder" },
        { path: "text.png" },
        { path: "text" },
        { path: "NOTE.TXT" },
        { path: 7 },
        {},
      ),
      messageExchange("Seen."),
    ],
  },
];
