import { bytes, completed, created, message, messageExchange } from "@codex-ts/responses-server";
import type { Step } from "@codex-ts/responses-server";
import { expect, test } from "vitest";
import { reduceStrictly } from "../support/bundle.ts";
import { ofType, startScene } from "../support/harness.ts";

/** An event whose item has a member nested that deep, as text: nothing here may be recursive either. */
function deepItem(levels: number, members: object): Step {
  const [start = "", end = ""] = JSON.stringify(members).split('"DEEP"');
  const item = `${start}${"[".repeat(levels)}${"]".repeat(levels)}${end}`;
  return bytes(
    `event: response.output_item.done\ndata: {"type":"response.output_item.done","item":${item}}\n\n`,
  );
}

const search = { type: "tool_search_call", call_id: "s", execution: "client", arguments: "DEEP" };
const unknown = { type: "brand_new", content: "DEEP" };

test.each([
  [126, 2],
  [127, 1],
  [5000, 1],
  [100_000, 1],
])(
  "[core/deep-items] an item of %i levels more costs itself, not the turn",
  async (levels, requests) => {
    await using scene = await startScene([
      {
        events: [
          created(),
          message("Before."),
          deepItem(levels, search),
          deepItem(levels, unknown),
          completed(),
        ],
      },
      messageExchange("Done."),
    ]);
    const events = await scene.turn("go");
    expect(ofType(events, "turnCompleted")).toHaveLength(1);
    // A call that was read is answered, in a further request.
    expect(scene.server.requests).toHaveLength(requests);
    await expect(reduceStrictly(scene.thread)).resolves.toBeDefined();
  },
);
