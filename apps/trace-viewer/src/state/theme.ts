import { effect, signal } from "@preact/signals";

export const THEMES = ["auto", "light", "dark"] as const;
export const theme = signal<(typeof THEMES)[number]>(stored());

effect(() => {
  document.documentElement.dataset["theme"] = theme.value;
  try {
    localStorage.setItem("codex-trace-theme", theme.value);
  } catch {
    // A page from a file may have no storage.
  }
});

function stored(): (typeof THEMES)[number] {
  try {
    return THEMES.find((each) => each === localStorage.getItem("codex-trace-theme")) ?? "auto";
  } catch {
    return "auto";
  }
}

export function nextTheme(): void {
  theme.value = THEMES[(THEMES.indexOf(theme.value) + 1) % THEMES.length] ?? "auto";
}
