/**
 * The routes that close what a kind of origin leaves open.
 *
 * A content management system shows one article in many places: its page, feeds, an API, archives, and under any path to
 * which a parameter of the query is added. A recipe lists those places as data, each group with its terms and the reason, so
 * that one list makes the configuration, its comments and the table in the documentation.
 */
import type { RouteOptions } from '../../src/config/options.ts'

/**
 * `free`: for everyone. `sold`: for whoever may read articles. `staff`: for tokens with the staff's entitlement, which is not
 * on sale. `closed`: for nobody.
 */
export type RecipeTerms = 'free' | 'sold' | 'staff' | 'closed'

/** Paths, or parameters of the query on any path, with the same terms for the same reason. */
export interface RecipeGroup {
  readonly what: string
  readonly why: string
  readonly terms: RecipeTerms
  readonly paths?: readonly string[]
  /** Parameters of the query, on any path. */
  readonly parameters?: readonly string[]
  /** Paths with terms of their own on which the parameters count as well. */
  readonly on?: readonly string[]
  /** Default: GET and HEAD for free paths, else all. */
  readonly methods?: readonly string[]
  /**
   * The only parameters of the query that reach the origin; free paths that may be kept as a shared copy have a list.
   * Without one all parameters pass.
   */
  readonly passes?: readonly string[]
}

export interface Recipe {
  /** The name that `faregate init --origin` takes. */
  readonly name: string
  readonly title: string
  /** The paths of articles if the operator names none. */
  readonly articles: readonly string[]
  readonly groups: readonly RecipeGroup[]
}

/** What the operator chooses. */
export interface RecipeChoices {
  /** The paths of articles, such as `/articles/*`. Default: the recipe's. */
  readonly articles?: readonly string[]
  /** Further pages for everyone, such as `/about`. */
  readonly free?: readonly string[]
  /** The entitlement that opens articles. */
  readonly requires: string
  /** The entitlement of editors and of programs that work for the site. Default: `staff`. */
  readonly staff?: string
  readonly offer?: { readonly title: string }
}

/** Returns the groups of a recipe, the operator's own first. */
export function groupsOf(recipe: Recipe, choices: RecipeChoices): readonly RecipeGroup[] {
  const pages = choices.free ?? []
  const own: RecipeGroup[] = [
    {
      what: 'articles',
      why: 'What is sold, with everything below it: feeds of comments, AMP, embeds, attachments, pages.',
      terms: 'sold',
      paths: choices.articles ?? recipe.articles,
    },
  ]
  if (pages.length > 0) own.push({ what: 'pages', why: 'Pages for everyone.', terms: 'free', paths: pages, passes: [] })
  const taken = new Set(own.flatMap(({ paths = [] }) => paths))
  return [...own, ...recipe.groups.map((group) => without(group, taken))].filter(
    ({ paths = [], parameters = [] }) => paths.length + parameters.length > 0,
  )
}

function without(group: RecipeGroup, taken: ReadonlySet<string>): RecipeGroup {
  return group.paths === undefined ? group : { ...group, paths: group.paths.filter((path) => !taken.has(path)) }
}

/** Returns the routes of one group. */
export function routesOf(group: RecipeGroup, choices: RecipeChoices): readonly RouteOptions[] {
  const { paths = [], parameters = [], on = [] } = group
  const targets: Pick<RouteOptions, 'path' | 'query'>[] = [
    ...paths.map((path) => ({ path })),
    ...parameters.flatMap((name) => ['/*', ...on].map((path) => ({ path, query: { [name]: true as const } }))),
  ]
  return targets.map((target) => ({ ...target, ...termsOf(group, choices) }))
}

function termsOf({ terms, methods, passes }: RecipeGroup, choices: RecipeChoices): Partial<RouteOptions> {
  const listed = methods === undefined ? {} : { methods: [...methods] }
  switch (terms) {
    case 'free':
      return {
        free: true,
        methods: [...(methods ?? ['GET'])],
        ...(passes && { cache: { query: { only: [...passes] } } }),
      }
    case 'sold':
      return { requires: choices.requires, ...(choices.offer && { offer: choices.offer }), ...listed }
    case 'staff':
      return { requires: choices.staff ?? 'staff', offer: false, cache: 'off', ...listed }
    case 'closed':
      return { closed: true, ...listed }
  }
}

/** Returns all routes of a recipe. Paths that none of them matches are to be `closed`. */
export function recipeRoutes(recipe: Recipe, choices: RecipeChoices): readonly RouteOptions[] {
  return groupsOf(recipe, choices).flatMap((group) => routesOf(group, choices))
}

/** Returns the routes as the lines of a configuration, each group below a comment that says why. */
export function writeRoutes(recipe: Recipe, choices: RecipeChoices, indent = ''): string {
  const lines = groupsOf(recipe, choices).flatMap((group) => [
    ...commentOf(group.why, indent.length),
    ...routesOf(group, choices).map((route) => `${literalOf(route)},`),
  ])
  return lines.map((line) => `${indent}${line}`).join('\n')
}

const LINE_WIDTH = 116

function commentOf(text: string, indent: number): string[] {
  const lines: string[] = []
  let line = '//'
  for (const word of text.split(' ')) {
    if (line.length + word.length + 1 + indent > LINE_WIDTH) {
      lines.push(line)
      line = '//'
    }
    line += ` ${word}`
  }
  return [...lines, line]
}

/** Returns a value as TypeScript, in the style of the examples. */
function literalOf(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(literalOf).join(', ')}]`
  if (typeof value === 'string') return `'${value.replace(/[\\']/g, '\\$&')}'`
  if (typeof value !== 'object' || value === null) return String(value)
  const members = Object.entries(value).map(([name, member]) => `${nameOf(name)}: ${literalOf(member)}`)
  return `{ ${members.join(', ')} }`
}

function nameOf(name: string): string {
  return /^[a-z_$][\w$]*$/i.test(name) ? name : literalOf(name)
}

/** Returns the rows of a recipe's table in the documentation. */
export function recipeTable(recipe: Recipe): string {
  const rows = recipe.groups.map(({ what, why, terms, paths = [], parameters = [], methods }) => {
    const places = [...paths, ...parameters.map((name) => `?${name}=`)].map((place) => `\`${place}\``).join(' ')
    const how = methods === undefined ? terms : `${terms} (${methods.join(', ')})`
    return `| ${what} | ${places} | ${how} | ${why} |`
  })
  return ['| what | where | terms | why |', '|---|---|---|---|', ...rows].join('\n')
}
