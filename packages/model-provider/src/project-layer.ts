/**
 * Top-level keys a repository must not set: they decide where the user's credentials go and which commands run with
 * them. Source: docs/behavior/model-provider.md 2.5.
 */
export const PROJECT_PROTECTED_KEYS: readonly string[] = [
  "openai_base_url",
  "chatgpt_base_url",
  "model_provider",
  "model_providers",
  "profile",
  "profiles",
  "notify",
  "otel",
];

const isProtected = (key: string): boolean => PROJECT_PROTECTED_KEYS.includes(key);

/** A configuration that came with a project, without the protected keys; one warning names those it had. */
export function withoutProtectedKeys(
  projectConfig: Readonly<Record<string, unknown>>,
  warn: (message: string) => void,
): Readonly<Record<string, unknown>> {
  const found = Object.keys(projectConfig).filter(isProtected);
  if (found.length === 0) return projectConfig;
  warn(`ignored in the project's configuration: ${found.join(", ")}; set them in your own`);
  return Object.fromEntries(Object.entries(projectConfig).filter(([key]) => !isProtected(key)));
}
