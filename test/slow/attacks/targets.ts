import { DOTS, ENDINGS, escaped, JUNK, likenesses, nested, SLASHES, waysToWrite } from './spellings.ts'

/** Two pages that are for sale: one below a wide route, one on a route of its own. */
export const GOALS = ['/articles/1', '/members'] as const

const at = (text: string, index: number, length: number, by: string): string =>
  text.slice(0, index) + by + text.slice(index + length)

const positions = (text: string): number[] => Array.from(text, (_, index) => index)

function cases(goal: string): string[] {
  const single = positions(goal).map((index) => at(goal, index, 1, goal.charAt(index).toUpperCase()))
  const prefixes = positions(goal).map((index) => goal.slice(0, index).toUpperCase() + goal.slice(index))
  return [...single, ...prefixes, goal.toUpperCase()]
}

function respelt(goal: string): string[] {
  return positions(goal).flatMap((index) => {
    const character = goal.charAt(index)
    const ways = [...waysToWrite(character), ...likenesses(character)]
    // A target starts with a slash that is one, else it is no target.
    return ways.map((way) => (index === 0 ? `/${way}${goal.slice(1)}` : at(goal, index, 1, way)))
  })
}

function respeltWhole(goal: string): string[] {
  const name = goal.slice(1)
  const spellings = [1, 2, 3, 4, 5].flatMap((depth) => [nested(name, depth), nested(name, depth).toUpperCase()])
  const runs = positions(name).flatMap((start) => [
    escaped(name.slice(0, start)) + name.slice(start),
    name.slice(0, start) + escaped(name.slice(start)),
  ])
  const wide = name.replace(/[!-~]/g, (character) => String.fromCodePoint(character.charCodeAt(0) + 0xfee0))
  return [...spellings, ...runs, wide, escaped(wide), wide.replaceAll('／', '/')].map((spelling) => `/${spelling}`)
}

/** Junk behind and before each segment, and between its letters. */
function littered(goal: string): string[] {
  const segments = goal.split('/').slice(1)
  return JUNK.flatMap((junk) =>
    segments.flatMap((segment, index) =>
      [`${segment}${junk}`, `${junk}${segment}`, `${segment}${junk}${junk}`, at(segment, 1, 0, junk)].map(
        (name) => `/${segments.with(index, name).join('/')}`,
      ),
    ),
  )
}

/** A page that is free, and from there to the page that is not. */
function traversals(goal: string): string[] {
  const name = goal.slice(1)
  const found: string[] = []
  for (const slash of SLASHES) {
    for (const dot of DOTS) {
      for (const up of [`${dot}${dot}`, `.${dot}`]) {
        found.push(`/free/${up}${slash}${name}`, `/free${slash}${up}/${name}`, `/free${slash}${up}${slash}${name}`)
        found.push(`/x${slash}${up}${slash}${name}`)
      }
      found.push(`/${dot}${slash}${name}`, `/free/x/${dot}${dot}/${dot}${dot}${slash}${name}`)
    }
    for (const up of [
      '..;',
      '..;x',
      '..%3b',
      '..%20',
      '..%00',
      '...',
      '....',
      '.%20.',
      '..%c0%80',
      '%2e%2e;',
      '%2e.%3b',
      '..+',
      '..%e2%80%8b',
      '..::$DATA',
    ]) {
      found.push(`/free/${up}${slash}${name}`, `/free${slash}${up}${slash}${name}`)
    }
    found.push(`/free${slash}..${slash}..${slash}${name}`, `/${slash}${name}`, `/articles/..${slash}${name}`)
  }
  return found
}

/** Slashes, dots and nothing between and before the segments. */
function padded(goal: string): string[] {
  const between = [
    '/',
    '/./',
    '/%2e/',
    '/x/../',
    '/x/%2e%2e/',
    '/;/',
    '/;x/',
    '/%20/',
    '/%00/',
    '/%09/',
    '/+/',
    '/%e2%80%8b/',
    '/...;/',
  ]
  return between.flatMap((pad) => [
    ...SLASHES.map((slash) => `${pad}${slash}${goal.slice(1)}`),
    goal.replace(/\//g, pad),
    goal.replace(/^\//, pad),
    `${goal}${pad}`,
    goal.replace(/(?<=.)\//, pad),
  ])
}

const HOSTS = [
  'localhost',
  'LOCALHOST',
  'www.example.com',
  'evil.example',
  '127.0.0.1:80',
  'user@localhost',
  'localhost.',
  '[::1]',
  '',
]

/** Targets that start with something else than the path. */
function addressed(goal: string): string[] {
  const found: string[] = []
  for (const host of HOSTS) {
    for (const scheme of ['http:', 'https:', 'HTTP:', 'ws:', 'file:', '']) {
      found.push(`${scheme}//${host}${goal}`, `/${scheme}//${host}${goal}`, `${scheme}//${host}/free/..${goal}`)
    }
    for (const start of ['//', '///', '/\\', '\\\\', '/%2f', '/%5c', '//%09/', '/.//', '/;//'])
      found.push(`${start}${host}${goal}`)
    found.push(
      `http://${host}?${goal}`,
      `http://${host}#${goal}`,
      `http://${host}\\${goal}`,
      `http:/${host}${goal}`,
      `http://${host}%2f..${goal}`,
    )
  }
  return [
    ...found,
    `*${goal}`,
    goal.slice(1),
    `@localhost${goal}`,
    `:80${goal}`,
    `?${goal}`,
    `#${goal}`,
    `.${goal}`,
    `;${goal}`,
  ]
}

/** A script that hands what follows it to the application. */
function scripted(goal: string): string[] {
  const scripts = [
    '/index.php',
    '/INDEX.PHP',
    '/index%2ephp',
    '/index.php;',
    '/index.php/',
    '/app/index.php',
    '/free/index.php',
    '/free/../index.php',
  ]
  return scripts.map((script) => `${script}${goal}`)
}

function ended(goal: string): string[] {
  return ENDINGS.map((ending) => `${goal}${ending}`)
}

/** One trick laid over another. */
function combined(goal: string): string[] {
  const cased = [goal.toUpperCase(), at(goal, 1, 1, goal.charAt(1).toUpperCase())]
  const coded = [
    at(goal, 1, 1, escaped(goal.charAt(1))),
    at(goal, 2, 1, nested(goal.charAt(2), 2)),
    at(goal, 3, 1, nested(goal.charAt(3), 3)),
  ]
  const other = [
    `/${goal}`,
    `/.${goal}`,
    `/free/..${goal}`,
    `/free/..;${goal}`,
    `/free/%2e%2e${goal}`,
    `/free/..%2f${goal.slice(1)}`,
    likeness(goal),
  ]
  const bases = [...cased, ...coded, ...other]
  return bases.flatMap((base) => [...JUNK, ...ENDINGS].map((tail) => `${base}${tail}`))
}

function likeness(goal: string): string {
  return at(goal, 1, 1, String.fromCodePoint(goal.charCodeAt(1) + 0xfee0))
}

const NOT_A_TARGET = /[ \r\n]/

/** Every spelling of the goals that is tried: distinct, in a fixed order, and fit to stand in a request line. */
export function hostileTargets(goals: readonly string[] = GOALS): readonly string[] {
  const tricks = [cases, respelt, respeltWhole, littered, traversals, padded, addressed, scripted, ended, combined]
  const found = goals.flatMap((goal) => tricks.flatMap((trick) => trick(goal)))
  return [...new Set(found)].filter((target) => target !== '' && !NOT_A_TARGET.test(target) && !goals.includes(target))
}
