import type { AskUser, AskUserContext, UserQuestion } from "@codex-ts/core";
import { functionCallExchange, messageExchange } from "@codex-ts/responses-server";
import { describe, expect, test } from "vitest";
import { collect, startScene } from "../../support/harness.ts";
import type { Scene } from "../../support/harness.ts";

const COLOR = {
  id: "color",
  header: "Color",
  question: "Which color?",
  options: [{ label: "Red", description: "Warm." }],
};

function script(args: object = { questions: [COLOR] }): Parameters<typeof startScene>[0] {
  const call = { name: "request_user_input", args: args as never, callId: "call_1" };
  return [functionCallExchange(call), messageExchange("Done.")];
}

function outputOf({ server }: Scene): string {
  const body = server.requests.at(-1)?.body as {
    readonly input: readonly { readonly type: string; readonly output?: string }[];
  };
  return body.input.find(({ type }) => type === "function_call_output")?.output ?? "";
}

describe("[core/user-input] a question of the model", () => {
  test("reaches the user in plan mode, and the replies reach the model", async () => {
    const asked: (readonly [readonly UserQuestion[], AskUserContext])[] = [];
    const askUser: AskUser = async (questions, context) => {
      asked.push([questions, context]);
      return { color: ["Red", "user_note: dark"] };
    };
    await using scene = await startScene(script(), { askUser });
    await scene.turn("go", { collaborationMode: { kind: "plan" } });
    expect(asked).toHaveLength(1);
    expect(asked[0]?.[0]).toEqual([COLOR]);
    expect(asked[0]?.[1]).toMatchObject({ callId: "call_1", isBlocking: true });
    expect(outputOf(scene)).toBe('{"answers":{"color":{"answers":["Red","user_note: dark"]}}}');
  });

  test("is refused in other modes, unless they are allowed to ask, and where nobody can be asked", async () => {
    const askUser: AskUser = async () => ({});
    await using refused = await startScene(script(), { askUser });
    await refused.turn("go");
    expect(outputOf(refused)).toBe("request_user_input is unavailable in Default mode");
    await using allowed = await startScene(script(), { askUser, questionsInEveryMode: true });
    await allowed.turn("go");
    expect(outputOf(allowed)).toBe('{"answers":{}}');
    await using nobody = await startScene(script(), { questionsInEveryMode: true });
    await nobody.turn("go");
    expect(outputOf(nobody)).toContain("unavailable");
    // Nobody looks at the arguments of a call that cannot be made.
    await using unusable = await startScene(script({ questions: 1 }), { askUser });
    await unusable.turn("go");
    expect(outputOf(unusable)).toContain("unavailable");
  });

  test("that cannot be asked, or is not replied to, has no replies", async () => {
    const askUser: AskUser = () => Promise.reject(new Error("no"));
    await using scene = await startScene(script(), { askUser, questionsInEveryMode: true });
    await scene.turn("go");
    expect(outputOf(scene)).toBe('{"answers":{}}');
  });

  test.each([
    [{ questions: [{ ...COLOR, options: [] }] }, "requires non-empty options"],
    [{ questions: [{ ...COLOR, question: 1 }] }, "question"],
    [{ questions: "x" }, "questions"],
  ])("with unusable arguments is the model's to mend: %j", async (args, message) => {
    const askUser: AskUser = async () => ({});
    await using scene = await startScene(script(args), { askUser, questionsInEveryMode: true });
    await scene.turn("go");
    expect(outputOf(scene)).toContain(message);
  });

  test("does not keep a turn from being interrupted", async () => {
    const asked = Promise.withResolvers<AbortSignal>();
    const askUser: AskUser = (_questions, { signal }) => {
      asked.resolve(signal);
      return new Promise(() => {});
    };
    await using scene = await startScene(script(), { askUser, questionsInEveryMode: true });
    const events = collect(scene.thread.runTurn("go"));
    const signal = await asked.promise;
    await scene.thread.interrupt();
    expect(signal.aborted).toBe(true);
    expect((await events).at(-1)?.type).toBe("turnAborted");
  });
});

describe("[core/modes] the mode of a turn", () => {
  test("is news to the model once, and its end as well", async () => {
    const answers = ["One.", "Two.", "Three.", "Four."].map((text) => messageExchange(text));
    await using scene = await startScene(answers);
    const plan = { kind: "plan", instructions: "Plan first." } as const;
    await scene.turn("one");
    await scene.turn("two", { collaborationMode: plan });
    await scene.turn("three", { collaborationMode: plan });
    await scene.turn("four");
    const texts = JSON.stringify(scene.server.requests.at(-1)?.body).match(
      /<collaboration_mode>.*?<\/collaboration_mode>/g,
    );
    expect(texts).toHaveLength(2);
    expect(texts?.[0]).toBe("<collaboration_mode>Plan first.</collaboration_mode>");
    expect(texts?.[1]).not.toContain("Plan first.");
  });
});
