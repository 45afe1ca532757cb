import { isJsonObject } from "@codex-ts/protocol";
import type { JsonValue, PlanStep, PlanUpdate } from "@codex-ts/protocol";
import { ArgumentReader, failArguments } from "../arguments.ts";
import { functionSpec, objectSchema, text } from "../function-spec.ts";
import type { Tool, ToolCall, ToolOutput } from "../tool.ts";

const STATUSES: readonly PlanStep["status"][] = ["pending", "in_progress", "completed"];

const UPDATE_PLAN_SPEC = functionSpec(
  "update_plan",
  "Show the user the steps of the task, and which of them are done. Send the whole list each time; not more than one step is in progress.",
  {
    explanation: text("Why the plan has changed."),
    plan: {
      type: "array",
      description: "All steps, in order.",
      items: objectSchema(
        {
          status: { type: "string", description: "How far the step is.", enum: STATUSES },
          step: text("The step, in a few words."),
        },
        ["step", "status"],
      ),
    },
  },
  ["plan"],
);

/** The tool `update_plan`: shows the user the steps of the task. */
export function updatePlanTool(): Tool {
  return {
    name: "update_plan",
    kind: "function",
    spec: UPDATE_PLAN_SPEC,
    parallel: false,
    run: (call) => Promise.resolve().then(() => updatePlan(call)),
  };
}

function updatePlan(call: ToolCall): ToolOutput {
  const { report } = call;
  report.emit(
    { type: "plan_update", ...readArguments(call.input) },
    { itemId: report.nextItemId() },
  );
  return { output: "Plan updated", value: {} };
}

function readArguments(input: string): PlanUpdate {
  const args = new ArgumentReader(input);
  args.allowOnly(["explanation", "plan"]);
  const explanation = args.string("explanation") ?? null;
  const steps = args.list("plan") ?? failArguments("missing field `plan`");
  return { explanation, plan: steps.map(readStep) };
}

function readStep(value: JsonValue): PlanStep {
  if (!isJsonObject(value)) return failArguments("invalid type in `plan`, expected objects");
  const args = new ArgumentReader(value);
  args.allowOnly(["step", "status"]);
  return { step: args.requiredString("step"), status: readStatus(args.requiredString("status")) };
}

function readStatus(given: string): PlanStep["status"] {
  const expected = STATUSES.map((status) => `\`${status}\``).join(", ");
  return (
    STATUSES.find((status) => status === given) ??
    failArguments(`unknown variant \`${given}\`, expected one of ${expected}`)
  );
}
