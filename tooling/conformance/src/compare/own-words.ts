/**
 * Sentences for people, which each program words itself: [where one stands, what to put there]. Only the sentence is
 * replaced, so that its surroundings and its place are compared.
 */
const OWN_WORDS: readonly (readonly [pattern: RegExp, name: string])[] = [
  [/(?<=<permissions instructions>\n)[^]*?(?=\n<\/permissions instructions>)/, "<text>"],
  [/(?<=<turn_aborted>\n)[^<]*(?=\n<\/turn_aborted>)/, "<text>"],
  [/(?<=<content_filter_guidance>\n)[^<]*(?=\n<\/content_filter_guidance>)/, "<text>"],
  [/(?<=<multi_agent_mode>)[^<]*(?=<\/multi_agent_mode>)/, "<text>"],
  [/(?<=\nAgent errored: [^\n]*\n\n)[^\n]*$/, "<advice>"],
  [/(?<=<model_switch>\n)[^\n]*(?=\n\n)/, "<text>"],
  [/(?<=<model_instructions>\n)[^]*?(?=\n\n|\n<\/model_instructions>)/, "<text>"],
  // Of groups of tools the names and descriptions are equal.
  [/(?<=<tools>\n(?:[^]*\n)?)(?!- |<)[^\n]+(?=\n)/g, "<text>"],
  [/^(?:This is an incremental tools update|The tools that follow are new)[^]*$/, "<tools differ>"],
  [/^(?:Updated instructions for the|The tools of) (\S+) [^\n]*:(?=\n)/, "<about $1>"],
  [
    /(?<=^|\n)(?:The following|These) [^\n]*(?:are no longer available|are gone)[^\n]*:(?=\n)/g,
    "<gone>",
  ],
  [
    /(?<=<skills_instructions>\n)## (?:Host skills update|Skills)\n[^\n]*(?=\n<\/skills_instructions>)/,
    "<no skills>",
  ],
  // Session files have the section without its tag.
  [/(?<=(?:<skills_instructions>|^)\n## Skills\n)[^\n]*(?=\n)/, "<text>"],
  [/\n### How to use skills\n[^]*(?=\n<\/skills_instructions>)/, ""],
  [/(?<=<INSTRUCTIONS>\n)These [^\n]*\binstructions[^\n]*(?=\n\n)/, "<these replace the others>"],
  [/(?<=<INSTRUCTIONS>\n)The [^\n]*AGENTS\.md[^\n]*(?=\n<)/, "<the others are void>"],
  // The recorder puts a sentence of its own in the place of the system text of Codex's reviewers.
  [
    /^(?:Review the change\.|You review a change to software\b[^]*)$/,
    "<system text of a reviewer>",
  ],
  [/(?<=^<user_action>\n {2}<context>)[^<]*(?=<\/context>)/, "<about the review>"],
  [
    /^(?:Generated images|Images you generate) [^]*\b_image_id_\.png\b[^]*$/,
    "<where images are kept>",
  ],
  // What stands before the summary of a conversation.
  [/^[^\n<]*\bmodel\b[^\n<]{60,}(?=\n)/, "<a summary follows>"],
  [/^[^<]*context window[^<]*$/, "<context window is full>"],
  [/^[^<]*usage limit[^<]*?(?=(try again at [^.]*\.)?$)/, "<usage limit> "],
  [/^[^<]*\bquota\b[^<]*$/i, "<quota is used up>"],
  [/^[^<]*at capacity[^<]*$/, "<no capacity>"],
  [
    /(?<=stream disconnected before completion: )WebSocket protocol error: [^()]*/,
    "stream closed before response.completed",
  ],
  [/[^()]*high demand[^()]*/, "<high demand>"],
  [/(?<=failed to parse function arguments: ).*/, "<reason>"],
  [/(?<=^exec_command failed(?: for `[^`]*`)?: ).*/, "<reason>"],
  [/(?<=^execution error: ).*/, "<reason>"],
  [/^Failed to (?:create unified exec process|start the command): .*$/, "<reason>"],
  [/(?<=Transport error: network error: )[^()]*/, "<reason>"],
  // Of the two engines that run scripts.
  [/(?<=^Script error:\nSyntaxError: ).*(?:\n {4}at exec_main\.mjs:\d+:\d+)?$/, "<reason>"],
  [
    /^[^\n]*\bexec\b[^\n]*(?:pragma|settings|raw JavaScript|script in JavaScript)[^\n]*$/,
    "<about the input>",
  ],
  // The name of UTC: ours comes from the language's data, which knows one name for it.
  [/(?<=<timezone>)(Etc\/)?UTC(?=<)/, "UTC"],
];

/** A text with the sentences that are each program's own replaced by names. */
export function replaceOwnWords(text: string): string {
  return OWN_WORDS.reduce((result, [pattern, name]) => result.replace(pattern, name), text);
}
