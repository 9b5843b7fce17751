/** Text of a `config.json`. Python writes Infinity and NaN, which JSON does not have; some vendors' files hold them. */

/** The value of the text; Infinity and NaN become null, which means absent. Throws a SyntaxError as JSON.parse does. */
export function parseConfig(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    if (!(error instanceof SyntaxError) || !/Infinity|NaN/.test(text)) throw error;
    const plain = text.replace(/"(?:\\.|[^"\\])*"|-?\bInfinity\b|\bNaN\b/g, (found) =>
      found.startsWith('"') ? found : "null",
    );
    return JSON.parse(plain) as unknown;
  }
}
