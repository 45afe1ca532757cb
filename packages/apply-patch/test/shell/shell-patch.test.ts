import { expect, test } from "vitest";
import { findShellPatch } from "@codex-ts/apply-patch";

const BODY = "*** Begin Patch\n*** Add File: x\n+$HOME `id`\n*** End Patch";

test.each([
  ["apply_patch <<'EOF'", undefined],
  ["applypatch <<EOF", undefined],
  ['\n  apply_patch << "EOF"', undefined],
  ["apply_patch <<\\EOF", undefined],
  ["apply_patch <<-'EOF'", undefined],
  ["A=1 apply_patch <<'EOF'", undefined],
  ["cd d && apply_patch <<'EOF'", "d"],
  ["cd /tmp/d &&\napply_patch <<'EOF'", "/tmp/d"],
  ["cd 'd e' && apply_patch <<'EOF'", "d e"],
  ["cd \"d e\" && apply_patch <<'EOF'", "d e"],
  ["cd d\\ e && apply_patch <<'EOF'", "d e"],
])("[apply-patch/S1] %j applies a patch and nothing else", (head, directory) => {
  expect(findShellPatch(`${head}\n${BODY}\nEOF\n \n`)).toEqual({ patch: BODY, directory });
});

test.each([
  `apply_patch <<'EOF' && echo done\n${BODY}\nEOF`,
  `apply_patch <<'EOF'\n${BODY}\nEOF\necho done`,
  `apply_patch <<'EOF' > out\n${BODY}\nEOF`,
  `apply_patch <<'EOF' # note\n${BODY}\nEOF`,
  `# note\napply_patch <<'EOF'\n${BODY}\nEOF`,
  `cat | apply_patch <<'EOF'\n${BODY}\nEOF`,
  `apply_patch -x <<'EOF'\n${BODY}\nEOF`,
  `/usr/bin/apply_patch <<'EOF'\n${BODY}\nEOF`,
  `cd d; apply_patch <<'EOF'\n${BODY}\nEOF`,
  `cd d || apply_patch <<'EOF'\n${BODY}\nEOF`,
  `cd -- d && apply_patch <<'EOF'\n${BODY}\nEOF`,
  `cd ~ && apply_patch <<'EOF'\n${BODY}\nEOF`,
  `cd "$HOME" && apply_patch <<'EOF'\n${BODY}\nEOF`,
  `cd $(id) && apply_patch <<'EOF'\n${BODY}\nEOF`,
  `cd a && cd b && apply_patch <<'EOF'\n${BODY}\nEOF`,
  `apply_patch <<'EOF'\n${BODY}`,
  `apply_patch '${BODY}'`,
  BODY,
])("[apply-patch/S2] %j is left to the shell", (command) => {
  expect(findShellPatch(command)).toBeUndefined();
});

test("[apply-patch/S2] a long command that is none is told at once", () => {
  expect(
    findShellPatch(`${"A=1 ".repeat(50_000)}cd ${"x".repeat(100_000)} ${"&& ".repeat(50_000)}`),
  ).toBeUndefined();
});
