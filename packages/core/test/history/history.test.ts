import { describe, expect, test } from "vitest";
import type { ResponseItem } from "@codex-ts/protocol";
import { History } from "../../src/history/history.ts";
import { truncateMiddle } from "../../src/history/truncate.ts";
import { truncateOutput } from "../../src/history/truncate-output.ts";

const call = (id: string): ResponseItem => ({
  type: "function_call",
  name: "exec_command",
  arguments: "{}",
  call_id: id,
});

const output = (id: string, text: string): ResponseItem => ({
  type: "function_call_output",
  call_id: id,
  output: text,
});

const user = (text: string): ResponseItem => ({
  type: "message",
  role: "user",
  content: [{ type: "input_text", text }],
});

function historyOf(...items: readonly ResponseItem[]): History {
  const history = new History({ mode: "bytes", limit: 100 });
  for (const item of items) history.record(item);
  return history;
}

describe("history", () => {
  test("[core/T7] puts an output right after a call that has none", () => {
    const history = historyOf(call("a"), user("next"), {
      type: "custom_tool_call",
      name: "apply_patch",
      input: "x",
      call_id: "b",
    });
    expect(history.forPrompt({ supportsImages: true })).toEqual([
      call("a"),
      output("a", "aborted"),
      user("next"),
      { type: "custom_tool_call", name: "apply_patch", input: "x", call_id: "b" },
      { type: "custom_tool_call_output", call_id: "b", output: "aborted" },
    ]);
  });

  test("[core/T7] answers shell and search calls too, and leaves history itself alone", () => {
    const items: ResponseItem[] = [
      {
        type: "local_shell_call",
        call_id: "s",
        status: "completed",
        action: { type: "exec", command: ["ls"] },
      },
      { type: "tool_search_call", call_id: "t", execution: "client", arguments: {} },
    ];
    const history = historyOf(...items);
    expect(history.forPrompt({ supportsImages: true }).map((item) => item.type)).toEqual([
      "local_shell_call",
      "function_call_output",
      "tool_search_call",
      "tool_search_output",
    ]);
    expect(history.items).toEqual(items);
  });

  test("[core/T8] leaves out outputs whose call is gone, except those of the server's own search", () => {
    const search: ResponseItem = {
      type: "tool_search_output",
      call_id: null,
      status: "completed",
      execution: "server",
      tools: [],
    };
    const history = historyOf(output("gone", "x"), search, user("q"));
    expect(history.forPrompt({ supportsImages: true })).toEqual([search, user("q")]);
  });

  test("[core/T8] does not take an output of the other family for an answer", () => {
    const history = historyOf(call("a"), {
      type: "custom_tool_call_output",
      call_id: "a",
      output: "x",
    });
    expect(history.forPrompt({ supportsImages: true })).toEqual([
      call("a"),
      output("a", "aborted"),
    ]);
  });

  test("[core/T9] replaces images for a model that cannot see them", () => {
    const image = { type: "input_image", image_url: "data:image/png;base64,AA" } as const;
    const history = historyOf(
      { type: "message", role: "user", content: [{ type: "input_text", text: "see" }, image] },
      call("a"),
      { type: "function_call_output", call_id: "a", output: [image] },
    );
    const text = JSON.stringify(history.forPrompt({ supportsImages: false }));
    expect(text).not.toContain("base64");
    expect(
      text.match(/image content omitted because you do not support image input/g),
    ).toHaveLength(2);
    expect(JSON.stringify(history.forPrompt({ supportsImages: true }))).toContain("base64");
  });

  test("[core/T10] keeps 1.2 times the model's limit of a tool output", () => {
    const history = historyOf(call("a"), output("a", "x".repeat(121)));
    const [, stored] = history.items;
    expect(stored).toEqual(output("a", `${"x".repeat(60)}…1 chars truncated…${"x".repeat(60)}`));
    const short = output("b", "y".repeat(120));
    expect(historyOf(short).items[0]).toBe(short);
  });

  test("[core/H1] keeps everything but system messages, triggers and unknown items", () => {
    const history = historyOf(
      { type: "message", role: "system", content: [] },
      { type: "compaction_trigger" },
      { type: "other", raw: { type: "future" } },
      user("kept"),
    );
    expect(history.items).toEqual([user("kept")]);
  });

  test("[core/H2] takes the images of the last output out once", () => {
    const image = { type: "input_image", image_url: "data:image/png;base64,AA" } as const;
    const history = historyOf(call("a"), {
      type: "function_call_output",
      call_id: "a",
      output: [image],
    });
    expect(history.dropImagesOfLastOutput()).toBe(true);
    expect(history.items[1]).toMatchObject({
      output: [{ type: "input_text", text: "Invalid image" }],
    });
    expect(history.dropImagesOfLastOutput()).toBe(false);
  });
});

describe("truncation", () => {
  test("[core/X5] cuts the middle of 20,000 lines at 50 tokens where the reference client does", () => {
    const lines = Array.from({ length: 20_000 }, (_, index) => `${index + 1}\n`).join("");
    const short = truncateMiddle(lines, { mode: "tokens", limit: 50 });
    expect(short).toContain("36\n3…27174 tokens truncated…984\n19985\n");
    expect(short.startsWith("1\n2\n")).toBe(true);
    expect(short.endsWith("20000\n")).toBe(true);
  });

  test("[core/H3] cuts between characters, never inside one", () => {
    const short = truncateMiddle("é".repeat(50), { mode: "bytes", limit: 31 });
    expect(short).not.toContain("\ufffd");
    expect(short).toBe(`${"é".repeat(7)}…35 chars truncated…${"é".repeat(8)}`);
  });

  test("[core/H4] spends the budget of a list on its texts in order and keeps images", () => {
    const image = { type: "input_image", image_url: "i" } as const;
    const text = (value: string) => ({ type: "input_text", text: value }) as const;
    expect(
      truncateOutput([text("12345678"), image, text("abcdefgh"), text("gone"), text("too")], {
        mode: "bytes",
        limit: 12,
      }),
    ).toEqual([
      text("12345678"),
      image,
      text("ab…4 chars truncated…gh"),
      text("[omitted 2 text items ...]"),
    ]);
  });
});
