import { computed, effect, signal } from "@preact/signals";

export const THEMES = ["auto", "light", "dark"] as const;
export const theme = signal<(typeof THEMES)[number]>(stored());

// The style has each theme once, so what the system wants is found out here.
const system = matchMedia("(prefers-color-scheme: dark)");
const isSystemDark = signal(system.matches);
system.addEventListener("change", ({ matches }) => (isSystemDark.value = matches));

/** The theme that is seen. */
export const shownTheme = computed(() =>
  theme.value === "auto" ? (isSystemDark.value ? "dark" : "light") : theme.value,
);

effect(() => {
  document.documentElement.dataset["theme"] = shownTheme.value;
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
