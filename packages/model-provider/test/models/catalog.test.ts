import { expect, test } from "vitest";
import {
  ModelCatalogError,
  fallbackModelInfo,
  findModelInfo,
  readModelCatalog,
} from "@codex-ts/model-provider";

const entry = {
  slug: "gpt-mock",
  display_name: "Mock",
  description: null,
  supported_reasoning_levels: [{ effort: "low", description: "low" }],
  shell_type: "unified_exec",
  visibility: "list",
  supported_in_api: true,
  priority: 1,
  availability_nux: null,
  upgrade: null,
  base_instructions: "Follow the script.",
  supports_reasoning_summaries: true,
  support_verbosity: false,
  default_verbosity: null,
  apply_patch_tool_type: null,
  truncation_policy: { mode: "tokens", limit: 5 },
  supports_parallel_tool_calls: true,
  experimental_supported_tools: [],
};

const catalog = (...slugs: string[]) =>
  readModelCatalog({ models: slugs.map((slug) => ({ ...entry, slug, display_name: slug })) });

test.each<[string, string]>([
  ["gpt-5", "gpt-5"],
  ["gpt-5-2026-11-20", "gpt-5"],
  ["gpt-5-mini-x", "gpt-5-mini"],
  ["team_1/gpt-5-mini", "gpt-5-mini"],
])("[provider/51] %s gets the metadata of %s and keeps its name", (requested, slug) => {
  const found = findModelInfo(catalog("gpt", "gpt-5", "gpt-5-mini", "other"), requested);
  expect(found.usedFallback).toBe(false);
  expect(found.info).toMatchObject({ slug: requested, display_name: slug });
});

test.each(["a/b/gpt-5", "nobody", "a b/gpt-5", "/gpt-5"])(
  "[provider/51b] %s is unknown and gets careful values",
  (requested) => {
    const found = findModelInfo(catalog("gpt-5"), requested, { compatibility: "0.140" });
    expect(found.usedFallback).toBe(true);
    expect(found.info).toMatchObject({
      slug: requested,
      shell_type: "default",
      visibility: "none",
      priority: 99,
      truncation_policy: { mode: "bytes", limit: 10_000 },
      context_window: 272_000,
      max_context_window: 272_000,
      effective_context_window_percent: 95,
      supported_reasoning_levels: [],
      supports_parallel_tool_calls: false,
    });
  },
);

test("[provider/51d] by default an unknown model is asked for reasoning and parallel calls, as 0.171 does", () => {
  const capabilities = {
    supports_reasoning_summaries: true,
    default_reasoning_summary: "auto",
    supports_parallel_tool_calls: true,
  };
  const { info } = findModelInfo(catalog("gpt-5"), "nobody");
  expect(info).toMatchObject(capabilities);
  expect(info.default_reasoning_level).toBeUndefined();
  expect(fallbackModelInfo("nobody", { compatibility: "0.171" })).toEqual(info);
});

test("fallback metadata brings a system text of its own", () => {
  expect(fallbackModelInfo("x").base_instructions).toMatch(/coding agent/);
});

test("[provider/51c] a full entry is read, unknown keys do no harm", () => {
  const [info] = readModelCatalog(
    JSON.stringify({
      models: [
        { ...entry, context_window: 1000, tool_mode: "someday", minimal_client_version: "0" },
      ],
    }),
  );
  expect(info).toMatchObject({
    display_name: "Mock",
    base_instructions: "Follow the script.",
    context_window: 1000,
    default_reasoning_summary: "auto",
    input_modalities: ["text", "image"],
  });
  expect(info?.tool_mode).toBeUndefined();
});

test.each<[string | object, RegExp]>([
  ["{", /not JSON/],
  ["null", /"models" list/],
  [{ models: [] }, /holds no model/],
  [{ models: [entry, { slug: "b" }] }, /models\.1 lacks a required member/],
])("[provider/catalog-file] refuses %j", (json, message) => {
  expect(() => readModelCatalog(json)).toThrow(ModelCatalogError);
  expect(() => readModelCatalog(json)).toThrow(message);
});
