import { expectTypeOf } from "vitest";
import { z } from "zod";
import * as mini from "zod/mini";
import { defineTool } from "@codex-ts/core";
import type { ThreadOptions, Tool, ToolArguments, ToolContext } from "@codex-ts/core";
import type { JsonObject } from "@codex-ts/protocol";

const base = { name: "tool", description: "Does something." };

// The arguments are what the schema accepts, after defaults and transforms.
const tool = defineTool({
  ...base,
  parameters: z.object({
    city: z.string(),
    days: z.number().optional(),
    unit: z.enum(["C", "F"]).default("C"),
    at: z.string().transform((text) => new Date(text)),
  }),
  execute(args, context) {
    expectTypeOf(args).toEqualTypeOf<{
      city: string;
      days?: number | undefined;
      unit: "C" | "F";
      at: Date;
    }>();
    expectTypeOf(context).toEqualTypeOf<ToolContext>();
    return args.city;
  },
});
expectTypeOf(tool).toEqualTypeOf<Tool>();
expectTypeOf([tool]).toExtend<NonNullable<ThreadOptions["tools"]>>();

defineTool({
  ...base,
  parameters: mini.object({ city: mini.string() }),
  execute: async ({ city }) => {
    expectTypeOf(city).toEqualTypeOf<string>();
    return { type: "text", text: city };
  },
});

// A JSON schema says nothing to the compiler.
defineTool({
  ...base,
  parameters: { type: "object", properties: { city: { type: "string" } } },
  execute: (args) => {
    expectTypeOf(args).toEqualTypeOf<JsonObject>();
    return [];
  },
});
const schema: Record<string, unknown> = {};
defineTool({ ...base, parameters: schema, execute: () => "" });
expectTypeOf<ToolArguments<typeof schema>>().toEqualTypeOf<JsonObject>();

// @ts-expect-error a tool answers with text or content
defineTool({ ...base, parameters: z.object({}), execute: () => ({ temperature: 7 }) });

// @ts-expect-error an image says what it is
defineTool({ ...base, parameters: {}, execute: () => ({ type: "image", data: new Uint8Array() }) });
