import { chmod, mkdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { readExecPolicy } from "@codex-ts/core";
import { temporaryDirectory } from "@codex-ts/test-support";
import { expect, test } from "vitest";

test("[core/rules-files] a file that cannot be read is named, and the rules of the others hold", async () => {
  await using home = await temporaryDirectory();
  const rules = join(home.path, "rules");
  await mkdir(rules);
  await writeFile(join(rules, "b.rules"), 'prefix_rule(pattern=["npm"], decision="prompt")\n');
  await writeFile(
    join(rules, "a.rules"),
    'prefix_rule(pattern=["git"])\nprefix_rule(pattern=git)\n',
  );
  await writeFile(join(rules, "c.rules"), Buffer.from([0xff, 0xfe]));
  await mkdir(join(rules, "d.rules"));
  await writeFile(join(rules, "notes.txt"), "no rules");
  const { execPolicy, warnings } = readExecPolicy({ codexHome: home.path });
  expect(warnings).toHaveLength(3);
  expect(warnings[0]).toContain(`${join(rules, "a.rules")}:2:21: \`git\` has no value`);
  expect(warnings[1]).toContain(join(rules, "c.rules"));
  expect(warnings[2]).toContain(join(rules, "d.rules"));
  expect(execPolicy.matches(["npm", "i"])).toMatchObject([{ decision: "prompt" }]);
  expect(execPolicy.matches(["git"])).toEqual([]);
});

test("[core/rules-files] without a folder there are no rules; those of projects are read where they are trusted", async () => {
  await using home = await temporaryDirectory();
  await using project = await temporaryDirectory();
  await mkdir(join(project.path, ".codex", "rules"), { recursive: true });
  await writeFile(
    join(project.path, ".codex", "rules", "x.rules"),
    'prefix_rule(pattern=["make"])',
  );
  const codexHome = home.path;
  expect(readExecPolicy({ codexHome }).execPolicy.matches(["make"])).toEqual([]);
  const { execPolicy, warnings } = readExecPolicy({ codexHome, trustedProjects: [project.path] });
  expect(warnings).toEqual([]);
  expect(execPolicy.matches(["make", "all"])).toMatchObject([{ decision: "allow" }]);
});

test("[core/rules-kept] a prefix that is allowed for good is appended once, and holds at once", async () => {
  await using home = await temporaryDirectory();
  const codexHome = join(home.path, "home");
  const file = join(codexHome, "rules", "default.rules");
  const { execPolicy } = readExecPolicy({ codexHome });
  await execPolicy.allow(["git", 'a "b"\n']);
  await execPolicy.allow(["git", 'a "b"\n']);
  const line = 'prefix_rule(pattern=["git", "a \\"b\\"\\n"], decision="allow")\n';
  expect(await readFile(file, "utf8")).toBe(line);
  expect((await stat(file)).mode & 0o777).toBe(0o600);
  expect(execPolicy.matches(["git", 'a "b"\n', "x"])).toMatchObject([{ decision: "allow" }]);
  expect(readExecPolicy({ codexHome }).execPolicy.matches(["git", 'a "b"\n'])).toHaveLength(1);
  // What a user wrote without a last line end stays a line of its own.
  await writeFile(file, "# mine");
  await execPolicy.allow(["ls"]);
  expect(await readFile(file, "utf8")).toBe(
    '# mine\nprefix_rule(pattern=["ls"], decision="allow")\n',
  );
});

test.skipIf(process.getuid?.() === 0)(
  "[core/rules-kept] a rule that cannot be written holds for the session, and the caller learns why",
  async () => {
    await using home = await temporaryDirectory();
    await chmod(home.path, 0o500);
    const { execPolicy } = readExecPolicy({ codexHome: home.path });
    await expect(execPolicy.allow(["ls"])).rejects.toThrow(/EACCES/);
    expect(execPolicy.matches(["ls"])).toHaveLength(1);
  },
);
