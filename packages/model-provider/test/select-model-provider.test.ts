import { expect, test } from "vitest";
import { selectModelProvider, withoutProtectedKeys } from "@codex-ts/model-provider";

const select = (config: Record<string, unknown>, id?: string) =>
  selectModelProvider({ config, id, env: {}, clientVersion: "0.140.0" });

test("the default provider is openai, the file names another, the command line wins", () => {
  const config = { model_provider: "a", model_providers: { a: { name: "A" }, b: { name: "B" } } };
  expect(select({}).id).toBe("openai");
  expect(select(config).info.name).toBe("A");
  expect(select(config, "b").info.name).toBe("B");
});

test("[provider/6d] a name nothing has is refused with the names that exist", () => {
  expect(() => select({ model_provider: "nope" })).toThrow(
    "Model provider `nope` not found; set model_provider to one of: amazon-bedrock, lmstudio, ollama, openai",
  );
  expect(() => select({}, "ollama-chat")).toThrow(/use `ollama` instead/);
});

test("[provider/8] a blank openai_base_url counts as unset", () => {
  expect(select({ openai_base_url: "" }).info.baseUrl).toBeUndefined();
  expect(select({ openai_base_url: "https://x/v1" }).info.baseUrl).toBe("https://x/v1");
});

test("wrong top-level shapes name the key", () => {
  expect(() => select({ model_provider: 1 })).toThrow(/^model_provider: expected string/);
});

test("[provider/8b] a project cannot choose providers, base URLs or commands", () => {
  const warnings: string[] = [];
  const project = { model: "m", model_provider: "theirs", model_providers: {}, notify: ["x"] };
  expect(withoutProtectedKeys(project, (message) => warnings.push(message))).toEqual({
    model: "m",
  });
  expect(warnings).toEqual([
    "ignored in the project's configuration: model_provider, model_providers, notify; set them in your own",
  ]);
  expect(withoutProtectedKeys({ model: "m" }, (message) => warnings.push(message))).toEqual({
    model: "m",
  });
  expect(warnings).toHaveLength(1);
});
