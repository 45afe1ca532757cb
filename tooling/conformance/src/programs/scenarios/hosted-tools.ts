import { itemAdded, itemDone, messageItem, streamExchange } from "@codex-ts/responses-server";
import type { WebSearchAction } from "@codex-ts/protocol";
import type { LiveScenario } from "../live-scenario.ts";

/** One white dot. */
const DOT =
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==";

const ACTIONS: readonly (WebSearchAction | undefined)[] = [
  { type: "search", query: "one", queries: ["one", "two"] },
  { type: "search", queries: ["one", "two"] },
  { type: "search", queries: ["one"] },
  { type: "open_page", url: "https://pages.example/a" },
  { type: "open_page" },
  { type: "find_in_page", url: "https://pages.example/a", pattern: "needle" },
  { type: "find_in_page", pattern: "needle" },
  // A kind that nobody knows yet.
  { type: "strange" } as unknown as WebSearchAction,
  undefined,
];

const searches = ACTIONS.map((action, index) =>
  itemDone({
    type: "web_search_call",
    id: `ws_${index}`,
    status: "completed",
    ...(action !== undefined && { action }),
  }),
);

const message = itemDone(messageItem("Found."));

/** Work of the server that the client shows. */
export const HOSTED_TOOL_SCENARIOS: readonly LiveScenario[] = [
  {
    name: "web-search",
    settings: 'web_search = "live"',
    script: [
      streamExchange([
        itemAdded({ type: "web_search_call", id: "ws_0", status: "in_progress" }),
        ...searches,
        message,
      ]),
    ],
  },
  {
    name: "web-search-settings",
    settings: 'web_search = "cached"',
    config: `include_permissions_instructions = false

[tools.web_search]
context_size = "high"
allowed_domains = ["pages.example"]
location = { country = "DE", city = "Berlin", timezone = "Europe/Berlin" }`,
    model: { web_search_tool_type: "text_and_image" },
    script: [streamExchange([message])],
  },
  {
    name: "image-generation",
    script: [
      streamExchange([
        ...[
          { id: "ig_1", status: "completed", revised_prompt: "a dot", result: DOT },
          { id: "ig_2", status: "failed", result: "" },
          { id: "ig_3", status: "completed", result: "!" },
        ].map((image) => itemDone({ type: "image_generation_call", ...image })),
        message,
      ]),
    ],
  },
];
