/** Percent-encoded UTF-8 (RFC 3629 §4), and what is not escaped. */
const UTF8 =
  /^(?:[^%]|%[0-7][0-9a-f]|%(?:c[2-9a-f]|d[0-9a-f])%[89ab][0-9a-f]|%(?:e0%[ab]|ed%[89]|e[1-9a-cef]%[89ab])[0-9a-f]%[89ab][0-9a-f]|%(?:f0%[9ab]|f[1-3]%[89ab]|f4%8)[0-9a-f](?:%[89ab][0-9a-f]){2})*$/i

/**
 * What is escaped, decoded; undefined where it is not UTF-8. For what a client can write thousands of: there
 * `decodeURIComponent` throws, which costs microseconds each time.
 */
export function decodeUtf8(text: string): string | undefined {
  return UTF8.test(text) ? decodeURIComponent(text) : undefined
}
