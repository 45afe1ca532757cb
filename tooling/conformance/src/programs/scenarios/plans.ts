import {
  errorExchange,
  functionCall,
  messageExchange,
  streamExchange,
} from "@codex-ts/responses-server";
import type { JsonObject } from "@codex-ts/protocol";
import type { LiveScenario } from "../live-scenario.ts";

const PLAN = [
  { step: "look", status: "in_progress" },
  { step: "act", status: "pending" },
];
const LATER = [
  { step: "look", status: "completed" },
  { step: "act", status: "in_progress" },
];

const calls = (...args: readonly (JsonObject | string)[]): ReturnType<typeof streamExchange> =>
  streamExchange(args.map((each, index) => functionCall("update_plan", each, `call_${index + 1}`)));

/** Plans the model shows. 0.171 has no tool for them. */
export const PLAN_SCENARIOS: readonly LiveScenario[] = [
  {
    name: "plan",
    script: [
      calls({ explanation: "two steps", plan: PLAN }),
      calls({ plan: LATER }),
      calls(
        { plan: "none" },
        {},
        { plan: [{ step: "look", status: "soon" }] },
        { plan: [{ step: "look" }] },
        { plan: [{ step: "look", status: "pending", owner: "me" }] },
        { plan: ["look"] },
        { plan: [], note: "none" },
        { plan: [], explanation: 3 },
        "none",
      ),
      calls({ plan: [], explanation: null }),
      messageExchange("Planned."),
    ],
  },
  {
    name: "plan-of-failed-turn",
    script: [calls({ plan: PLAN }), errorExchange(400, { message: "no" })],
  },
];
