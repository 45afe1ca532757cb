import type { JSX } from "preact";
import { nextTheme, theme } from "../state/theme.ts";

export function ThemeButton(): JSX.Element {
  return (
    <button
      class="icon"
      title={`Theme: ${theme.value} (t)`}
      aria-label={`Theme: ${theme.value}`}
      onClick={nextTheme}
    >
      {{ auto: "◐", light: "☀", dark: "☾" }[theme.value]}
    </button>
  );
}
