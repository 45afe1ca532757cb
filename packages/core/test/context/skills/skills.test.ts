import { mkdir, symlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { readSkills } from "@codex-ts/core";
import { messageExchange } from "@codex-ts/responses-server";
import { temporaryDirectory } from "@codex-ts/test-support";
import { readFrontMatter } from "../../../src/context/skills/front-matter.ts";
import { mentionedSkills } from "../../../src/context/skills/mentioned-skills.ts";
import { startScene } from "../../support/harness.ts";

const GENERATIONS = ["0.140", "0.171"] as const;

async function write(root: string, path: string, text: string): Promise<void> {
  await mkdir(dirname(join(root, path)), { recursive: true });
  await writeFile(join(root, path), text);
}

const skill = (name: string, description = `d ${name}`): string =>
  `---\nname: ${name}\ndescription: ${description}\n---\nBody of ${name}.\n`;

describe("skills", () => {
  test("[core/E13] are found below the project and the user, those of the project first, each by name", async () => {
    await using directory = await temporaryDirectory();
    const { path } = directory;
    await write(path, "ws/.git/HEAD", "x");
    await write(path, "ws/.agents/skills/hello/SKILL.md", skill("hello", "here"));
    await write(path, "ws/.agents/skills/group/deep/SKILL.md", skill("deep"));
    await write(path, "ws/.agents/skills/Upper/SKILL.md", skill("Upper"));
    await write(path, "ws/.agents/skills/noname/SKILL.md", "---\ndescription: d noname\n---\n");
    await write(path, "ws/.codex/skills/dot/SKILL.md", skill("dot"));
    await write(path, "ws/sub/.agents/skills/inner/SKILL.md", skill("inner"));
    await write(path, ".agents/skills/above/SKILL.md", skill("above"));
    await write(path, "home/skills/codex/SKILL.md", skill("codex"));
    await write(path, "user/.agents/skills/hello/SKILL.md", skill("hello", "at home"));
    const { skills, warnings } = await readSkills({
      cwd: join(path, "ws/sub"),
      userHome: join(path, "user"),
      codexHome: join(path, "home"),
    });
    expect(skills.map(({ name }) => name).join(" ")).toBe(
      "Upper deep dot hello inner noname codex hello",
    );
    expect(skills[1]).toEqual({
      name: "deep",
      description: "d deep",
      path: join(path, "ws/.agents/skills/group/deep/SKILL.md"),
      root: join(path, "ws/.agents/skills"),
    });
    expect(warnings).toEqual([]);
  });

  test("[core/E14] what is none is a warning, and a circle of links ends", async () => {
    await using directory = await temporaryDirectory();
    const { path } = directory;
    await write(path, ".agents/skills/plain/SKILL.md", "no front matter\n");
    await write(path, ".agents/skills/open/SKILL.md", "---\nname: open\n");
    await write(path, ".agents/skills/nodesc/SKILL.md", "---\nname: nodesc\n---\n");
    await write(path, ".agents/skills/long/SKILL.md", skill("long", "x".repeat(2000)));
    await mkdir(join(path, ".agents/skills/dir/SKILL.md"), { recursive: true });
    await symlink(join(path, ".agents/skills"), join(path, ".agents/skills/circle"));
    const { skills, warnings } = await readSkills({ cwd: path });
    expect(new Set(skills.map(({ name }) => name))).toEqual(new Set(["long"]));
    expect(skills[0]?.description).toHaveLength(1024);
    for (const name of ["plain", "open", "nodesc", "dir"]) {
      expect(warnings.some((warning) => warning.includes(`/${name}/SKILL.md: `))).toBe(true);
    }
  });

  test.each([
    ["---\nname: a\ndescription: plain text # said\n---\n", "plain text"],
    ['---\nname: a\ndescription: "a \\"b\\": c"\n---\n', 'a "b": c'],
    ["---\nname: a\ndescription: 'it''s'\n---\n", "it's"],
    ["---\nname: a\ndescription: >\n  first\n  second\nmetadata:\n  x: y\n---\n", "first second"],
    ["---\nname: a\ndescription: |-\n  first\n  second\n---\n", "first\nsecond"],
    ["---\r\nname: a\r\ndescription: windows\r\n---\r\n", "windows"],
  ])("[core/E15] front matter is read as it is written: %j", (text, description) => {
    expect(Object.fromEntries(readFrontMatter(text) ?? [])).toMatchObject({
      name: "a",
      description,
    });
  });

  test("[core/E16] are asked for by $name where the name is one skill's, or by their path", () => {
    const found = ["hello", "twice", "twice", "inner", "multi"].map((name, index) => ({
      name,
      description: "",
      path: `/${index}`,
      root: "/",
    }));
    const names = (text: string): string[] =>
      mentionedSkills([{ type: "text", text }], found).map(({ name }) => name);
    expect(names("use $inner, then ($hello). `$multi`")).toEqual(["hello", "inner", "multi"]);
    expect(names("$twice $HELLO $hello-x [$multi](skill://other) hello")).toEqual([]);
    expect(names("x$multi and $inner/foo")).toEqual(["inner", "multi"]);
    const byPath = mentionedSkills([{ type: "skill", name: "twice", path: "/2" }], found);
    expect(byPath.map(({ path }) => path)).toEqual(["/2"]);
  });

  test.each(GENERATIONS)(
    "[core/E17] are listed at the start and read after the prompt that names them, as in %s",
    async (compatibility) => {
      await using directory = await temporaryDirectory();
      const { path } = directory;
      await write(path, ".agents/skills/hello/SKILL.md", skill("hello"));
      const { skills } = await readSkills({ cwd: path });
      await using scene = await startScene([messageExchange("1"), messageExchange("2")], {
        compatibility,
        developerInstructions: "Be kind.",
        skills,
      });
      await scene.turn("use $hello");
      const gone = [{ name: "gone", description: "", path: join(path, "gone"), root: path }];
      const events = await scene.turn("and $gone", { skills: [...skills, ...gone] });
      const body = scene.server.requests[0]?.body as { input: { content: { text: string }[] }[] };
      const input = body.input.slice(compatibility === "0.171" ? 1 : 0);
      const file = compatibility === "0.171" ? "r0/hello/SKILL.md" : skills[0]?.path;
      expect(input[0]?.content.map(({ text }) => text)).toEqual([
        "Be kind.",
        expect.stringContaining(`\n- hello: d hello (file: ${file})\n`),
      ]);
      expect(input.slice(-2).map(({ content }) => content[0]?.text)).toEqual([
        "use $hello",
        `<skill>\n<name>hello</name>\n<path>${skills[0]?.path}</path>\n${skill("hello")}\n</skill>`,
      ]);
      expect(events).toContainEqual({
        type: "warning",
        message: "skill gone is left out: it cannot be read (ENOENT)",
      });
      // 0.171 lists skills again when there are others.
      const later = JSON.stringify(scene.server.requests[1]?.body).match(/<skills_instructions>/g);
      expect(later).toHaveLength(compatibility === "0.171" ? 2 : 1);
    },
  );
});
