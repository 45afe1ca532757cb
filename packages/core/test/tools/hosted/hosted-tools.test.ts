import { readFileSync, readdirSync, statSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { itemAdded, itemDone, messageItem, streamExchange } from "@codex-ts/responses-server";
import type { ServerEvent } from "@codex-ts/responses-server";
import type { JsonObject, WebSearchAction } from "@codex-ts/protocol";
import { describe, expect, test } from "vitest";
import { ofType, startScene, testModel } from "../../support/harness.ts";
import type { SceneOptions } from "../../support/harness.ts";

const DOT =
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==";

const search = (id: string, action?: WebSearchAction): ServerEvent =>
  itemDone({ type: "web_search_call", id, status: "completed", ...(action && { action }) });

const done = itemDone(messageItem("Found."));

/** The last tool of a request; `undefined` when it is none of the server. */
async function hosted(options: SceneOptions): Promise<unknown> {
  await using scene = await startScene([streamExchange([done])], options);
  await scene.turn("go");
  const { tools } = scene.server.requests[0]!.body as { readonly tools: readonly JsonObject[] };
  const last = tools.at(-1);
  return last?.["type"] === "function" || last?.["type"] === "custom" ? undefined : last;
}

describe.each(["0.140", "0.171"] as const)("web search of %s", (compatibility) => {
  test("[core/web-search-offered] the tool says how far the server may look", async () => {
    const offered = (options: SceneOptions): Promise<unknown> =>
      hosted({ compatibility, sandboxMode: "read-only", ...options });
    const tool = { type: "web_search", external_web_access: true };
    expect(await offered({})).toBeUndefined();
    expect(await offered({ webSearch: "disabled" })).toBeUndefined();
    expect(await offered({ webSearch: "live" })).toEqual(tool);
    expect(await offered({ webSearch: "cached" })).toEqual({ ...tool, external_web_access: false });
    expect(await offered({ webSearch: "cached", sandboxMode: "danger-full-access" })).toEqual(tool);
    expect(await offered({ webSearch: "indexed" })).toEqual({ ...tool, indexed_web_access: true });
    expect(
      await offered({
        model: testModel({ web_search_tool_type: "text_and_image" }),
        webSearch: {
          mode: "live",
          contextSize: "high",
          allowedDomains: ["pages.example"],
          location: { country: "DE", city: "Berlin" },
        },
      }),
    ).toEqual({
      ...tool,
      filters: { allowed_domains: ["pages.example"] },
      user_location: { type: "approximate", country: "DE", city: "Berlin" },
      search_context_size: "high",
      search_content_types: ["text", "image"],
    });
  });

  test("[core/web-search-items] searches are shown, kept in history and need no reply", async () => {
    await using scene = await startScene(
      [
        streamExchange([
          itemAdded({ type: "web_search_call", id: "ws_1", status: "in_progress" }),
          search("ws_1", { type: "search", query: "one", queries: ["one", "two"] }),
          search("ws_2", { type: "search", queries: ["one", "two"] }),
          search("ws_3", { type: "find_in_page", url: "https://pages.example", pattern: "x" }),
          search("ws_4", { type: "open_page", url: "https://pages.example" }),
          search("ws_5"),
          done,
        ]),
        streamExchange([done]),
      ],
      { compatibility },
    );
    const events = await scene.turn("go");
    const shown = [...ofType(events, "itemStarted"), ...ofType(events, "itemCompleted")].flatMap(
      ({ type, item }) => (item.type === "web_search" ? [[type, item.id, item.query]] : []),
    );
    const queries = [
      ["ws_2", "one ..."],
      ["ws_3", "'x' in https://pages.example"],
      ["ws_4", "https://pages.example"],
      ["ws_5", ""],
    ];
    expect(shown).toEqual([
      ["itemStarted", "ws_1", ""],
      ...queries.map((query) => ["itemStarted", ...query]),
      ["itemCompleted", "ws_1", "one"],
      ...queries.map((query) => ["itemCompleted", ...query]),
    ]);
    expect(scene.server.requests).toHaveLength(1);
    await scene.turn("again");
    const { input } = scene.server.requests.at(-1)!.body as { readonly input: JsonObject[] };
    expect(input.filter(({ type }) => type === "web_search_call")).toHaveLength(5);
  });
});

describe("generated images", () => {
  const image = (id: string, result: string): ServerEvent =>
    itemDone({ type: "image_generation_call", id, status: "completed", result });

  test("[core/generated-images] are kept where the model is told, for the user alone, by safe names", async () => {
    const events = [image("ig_1", DOT), image("../../up", DOT), image("ig_2", "!"), done];
    await using scene = await startScene([streamExchange(events), streamExchange([done])]);
    expect((await scene.turn("go")).filter(({ type }) => type === "warning")).toEqual([]);
    // Nobody has said where: nothing is written.
    expect(readdirSync(scene.folder)).not.toContain("generated_images");

    const codexHome = `${scene.folder}/home`;
    await using kept = await startScene([streamExchange(events), streamExchange([done])], {
      codexHome,
    });
    await kept.turn("go");
    const folder = `${codexHome}/generated_images/${kept.thread.threadId}`;
    expect(readdirSync(folder).toSorted()).toEqual(["______up.png", "ig_1.png"]);
    expect(readFileSync(`${folder}/ig_1.png`).toString("base64")).toBe(DOT);
    expect(statSync(`${folder}/ig_1.png`).mode & 0o777).toBe(0o600);
    await kept.turn("again");
    const { input } = kept.server.requests.at(-1)!.body as { readonly input: JsonObject[] };
    const notices = input.filter(
      (item) =>
        item["role"] === "developer" && JSON.stringify(item).includes(`${folder}/_image_id_.png`),
    );
    expect(notices).toHaveLength(2);
  });

  test("[core/generated-images] a disk that takes no image does not end the turn", async () => {
    await using home = await startScene([]);
    await writeFile(`${home.folder}/generated_images`, "in the way");
    await using scene = await startScene([streamExchange([image("ig_1", DOT), done])], {
      codexHome: home.folder,
    });
    const events = await scene.turn("go");
    expect(ofType(events, "warning").map(({ message }) => message)).toContainEqual(
      expect.stringMatching(/^a generated image could not be kept: /),
    );
    expect(events.at(-1)?.type).toBe("turnCompleted");
  });

  test("[core/generated-images] today's Codex keeps none", async () => {
    await using home = await startScene([]);
    await using scene = await startScene([streamExchange([image("ig_1", DOT), done])], {
      codexHome: home.folder,
      compatibility: "0.171",
    });
    await scene.turn("go");
    expect(readdirSync(home.folder)).not.toContain("generated_images");
  });
});
