import { join } from "node:path";

/** A program in a README, with the output that stands below it. */
export interface Example {
  /** Where it stands: the name of a package, or a file. */
  readonly source: string;
  readonly program: string;
  readonly output: string;
}

/** The programs of a README. Throws for one without an output block before the next program. */
export function examplesOf(source: string, readme: string): Example[] {
  const blocks = [...readme.matchAll(/^```(ts|text)\b[^\n]*\n([\s\S]*?)^```$/gm)];
  return blocks.flatMap(([, language, program = ""], index) => {
    if (language !== "ts") return [];
    const next = blocks[index + 1];
    if (next?.[1] !== "text") throw new Error(`${source}: an example does not say what it prints`);
    return [{ source, program, output: next[2] ?? "" }];
  });
}

/** Throws when no install line of a README names a package that its examples import. */
export function checkInstallLine(
  source: string,
  readme: string,
  examples: readonly Example[],
): void {
  const installed = new Set(
    [...readme.matchAll(/^npm install ([^#\n]*)/gm)].flatMap(([, list = ""]) => list.split(" ")),
  );
  for (const { program } of examples) {
    for (const [, from = ""] of program.matchAll(/from "([^".][^"]*)"/g)) {
      if (from.startsWith("node:")) continue;
      const imported = from.split("/", from.startsWith("@") ? 2 : 1).join("/");
      if (!installed.has(imported)) {
        throw new Error(`${source}: imports ${imported} and does not say to install it`);
      }
    }
  }
}

/** Throws when a link of a README leads out of its tarball. */
export function checkLinks(source: string, readme: string, files: ReadonlySet<string>): void {
  for (const [, target = ""] of readme.matchAll(/\]\(([^)#\s]+)[^)]*\)/g)) {
    if (!/^[a-z]+:/.test(target) && !files.has(join(target))) {
      throw new Error(`${source}: links to ${target}, which is not in the tarball`);
    }
  }
}
