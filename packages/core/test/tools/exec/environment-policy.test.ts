import { functionCallExchange, messageExchange } from "@codex-ts/responses-server";
import { describe, expect, test } from "vitest";
import {
  credentialVariables,
  inheritedEnvironment,
} from "../../../src/tools/exec/environment-policy.ts";
import { startScene, testProvider } from "../../support/harness.ts";

const ENV = {
  PATH: "/bin",
  HOME: "/h",
  EDITOR: "vi",
  MY_API_KEY: "k",
  abc_token: "t",
  LC_X: "c",
  XDG_DATA: "x",
};
const names = (
  ...rest: Parameters<typeof inheritedEnvironment> extends [unknown, ...infer R] ? R : never
): string[] => Object.keys(inheritedEnvironment(ENV, ...rest));

describe("the environment of commands", () => {
  test("[core/env-policy] inherits, drops, sets and keeps in the order of Codex", () => {
    expect(names({}, [])).toEqual(Object.keys(ENV));
    expect(names({ inherit: "core" }, [])).toEqual(["PATH", "HOME"]);
    expect(
      names({ inherit: "none", set: { A_KEY: "1", Z: "2" }, includeOnly: ["a*"] }, []),
    ).toEqual(["A_KEY"]);
    expect(
      names({ excludeSecretNames: true, exclude: ["l*", "X?G_*"], set: { Q_TOKEN: "1" } }, []),
    ).toEqual(["PATH", "HOME", "EDITOR", "Q_TOKEN"]);
    expect(
      names({ exclude: ["P.TH", "[A-Z]*", "(", "*****************A*A*A*A*A*A*A*A*A*b"] }, []),
    ).toEqual(Object.keys(ENV));
  });

  test("[core/env-credentials] holds no credential of the provider, unless a setting says so", async () => {
    const provider = testProvider("http://127.0.0.1:1", {
      envKey: "MOCK_KEY",
      envHttpHeaders: { "x-api-key": "OTHER", "openai-project": "PROJECT" },
    });
    expect(credentialVariables(provider)).toEqual([
      "CODEX_API_KEY",
      "CODEX_ACCESS_TOKEN",
      "MOCK_KEY",
      "OTHER",
    ]);
    const env = { PATH: process.env["PATH"], MOCK_KEY: "sk-mock-key", CODEX_API_KEY: "sk-other" };
    for (const [set, printed] of [
      [{}, "none none"],
      [{ MOCK_KEY: "given" }, "given none"],
    ] as const) {
      await using scene = await startScene(
        [
          functionCallExchange({
            name: "exec_command",
            args: { cmd: 'echo "<${MOCK_KEY-none} ${CODEX_API_KEY-none}>"', login: false },
            callId: "call_1",
          }),
          messageExchange("Done."),
        ],
        { env, commandEnvironment: { set } },
      );
      await scene.turn("go");
      expect(scene.server.requests.at(-1)?.bodyText).toContain(`<${printed}>`);
    }
  });
});
