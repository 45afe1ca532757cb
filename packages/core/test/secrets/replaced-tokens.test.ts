import { inspect } from "node:util";
import { expect, test, vi } from "vitest";
import { errorExchange } from "@codex-ts/responses-server";
import { collect } from "../support/harness.ts";
import { NEW, OLD, startLoginScene } from "../support/managed-login.ts";

// A busy machine takes its time.
vi.setConfig({ testTimeout: 60_000 });

test.each(
  Object.entries({ "a token it has refused": OLD, "a token it has given": NEW }).flatMap(
    ([what, tokens]) =>
      (["access_token", "refresh_token"] as const).map((name) => [what, name, tokens[name]]),
  ),
)("[core/S1] after a refresh, %s is shown nowhere: %s", async (_what, _name, token = "") => {
  const message = `bad ${token}, also as ${btoa(`.${token}.`)}`;
  await using scene = await startLoginScene({
    script: [{ ...errorExchange(401, { message }), repeat: 20 }],
  });
  const events = await collect(scene.thread.runTurn("go"));
  await scene.thread.close();
  expect(scene.spent).toHaveLength(1);
  const last = inspect(events.at(-1), { depth: 9, maxStringLength: null });
  expect(last).toContain("also as");
  const shown = [inspect(events, { depth: 9 }), ...scene.filesBesidesLogin()].join("\n");
  // The old refresh token is the spent one, and the first refusal came before the new tokens were there.
  const afterwards = token === NEW.access_token || token === NEW.refresh_token ? last : shown;
  for (const form of [token, btoa(`.${token}.`).slice(2, -4)]) {
    expect(afterwards).not.toContain(form);
  }
});
