import { describe, expect, it } from 'vitest'
import { match } from '../../src/access/route.ts'
import { readTarget } from '../../src/http/rules/target.ts'
import { ghost } from '../../cli/recipes/ghost.ts'
import { recipeRoutes, type Recipe, type RecipeChoices, writeRoutes } from '../../cli/recipes/recipe.ts'
import { wordpress } from '../../cli/recipes/wordpress.ts'
import { zoneFaults, zoneOf } from '../support/compiled.ts'

const CHOICES: RecipeChoices = { articles: ['/articles/*'], free: ['/about'], requires: 'premium' }

/** Whose a target is: of everyone, of whoever paid, of the staff, of nobody. */
function termsAt(recipe: Recipe, sent: string, choices: RecipeChoices = CHOICES): string {
  const [method = '', url = ''] = sent.includes(' ') ? sent.split(' ') : ['GET', sent]
  const [path = '', query] = url.split('?')
  const target = readTarget(path, query === undefined ? '' : `?${query}`)
  if (!target.ok) return target.error.reason
  const { routes } = zoneOf({ routes: [...recipeRoutes(recipe, choices)], unmatched: 'closed' })
  const found = match(routes, target.value, method)
  if (!found.ok) return found.error.reason
  const { terms } = found.value
  return terms.kind === 'paid' && terms.offer.entitlements.includes('staff') ? 'staff' : terms.kind
}

describe.each([wordpress, ghost])('the recipe of $title', (recipe) => {
  it.each([
    ['all that is not named', undefined],
    ['a folder', ['/articles/*']],
    ['two folders', ['/articles/*', '/reports/*']],
  ])('has no faults where articles are %s', (_name, articles) => {
    const choices = { requires: 'premium', offer: { title: 'Premium' }, ...(articles && { articles }) }
    expect(zoneFaults({ routes: [...recipeRoutes(recipe, choices)], unmatched: 'closed' })).toEqual([])
  })

  it('is written as what it is, each group below the reason', async () => {
    const text = writeRoutes(recipe, { ...CHOICES, free: ["/l'histoire"] }, '      ')
    expect(text.split('\n').filter((line) => line.length > 120)).toEqual([])
    const literal = text.replace(/^ *\/\/.*$/gm, '')
    const read: unknown = await import(`data:text/javascript,export const routes = [${encodeURIComponent(literal)}]`)
    expect(read).toMatchObject({ routes: recipeRoutes(recipe, { ...CHOICES, free: ["/l'histoire"] }) })
  })

  it('leaves a path to the operator who named it', () => {
    const routes = recipeRoutes(recipe, { ...CHOICES, free: ['/robots.txt'] })
    expect(routes.filter(({ path }) => path === '/robots.txt')).toHaveLength(1)
  })
})

describe('an origin that runs WordPress', () => {
  it.each([
    ['/', 'free'],
    ['/?utm_source=x', 'free'],
    ['/about', 'free'],
    ['/wp-content/uploads/2026/11/a.jpg', 'free'],
    ['/wp-includes/js/jquery.js?ver=3', 'free'],
    ['/robots.txt', 'free'],
    ['POST /wp-comments-post.php', 'free'],
    ['/wp-cron.php?doing_wp_cron=1', 'free'],
    ['/articles/a', 'paid'],
    ['/articles/a/feed', 'paid'],
    ['/articles/a/embed', 'paid'],
    ['/feed', 'paid'],
    ['/feed/atom', 'paid'],
    ['/comments/feed', 'paid'],
    ['/category/news/feed', 'paid'],
    ['/author/ann', 'paid'],
    ['/?p=42', 'paid'],
    ['/about?p=42', 'paid'],
    ['/?P=42', 'paid'],
    ['/?p[]=42', 'paid'],
    ['/wp-content/themes/none?name=a', 'paid'],
    ['/?feed=rss2', 'paid'],
    ['/?s=word', 'paid'],
    ['/?s=word&post_type=post&paged=2', 'paid'],
    ['/page/2?s=word', 'paid'],
    ['/page/2', 'paid'],
    ['/?m=202611', 'free'],
    ['/?rest_route=/wp/v2/posts', 'staff'],
    ['/wp-json/wp/v2/posts', 'staff'],
    ['/wp-admin/admin-ajax.php', 'staff'],
    ['POST /', 'closed'],
    ['POST /about', 'closed'],
    ['/xmlrpc.php', 'closed'],
    ['/index.php/articles/a', 'target-ambiguous'],
    ['/wp-content/cache/supercache/www.example.com/articles/a/index.html', 'closed'],
    ['/2026/11/28', 'closed'],
  ])('answers %s: %s', (sent, terms) => {
    expect(termsAt(wordpress, sent)).toBe(terms)
  })
})

it.each([
  ['/', 'free'],
  ['/about', 'free'],
  ['/a-story', 'paid'],
  ['/2026/11/28/a-story/amp', 'paid'],
  ['/index.php/a-story', 'paid'],
  ['/wp-content/backups/all.zip', 'closed'],
  ['/?p=42', 'paid'],
  ['/a-story?p=42', 'paid'],
  ['/xmlrpc.php', 'closed'],
  ['/wp-json', 'staff'],
])('WordPress with articles beside its pages answers %s: %s', (sent, terms) => {
  expect(termsAt(wordpress, sent, { free: ['/about'], requires: 'premium' })).toBe(terms)
})

describe('an origin that runs Ghost', () => {
  it.each([
    ['/', 'free'],
    ['/tag/news', 'free'],
    ['/page/2', 'free'],
    ['/content/images/2026/11/a.jpg', 'free'],
    ['/sitemap-posts.xml', 'free'],
    ['POST /members/api/send-magic-link', 'free'],
    ['/a-story', 'paid'],
    ['/a-story.md', 'paid'],
    ['/a-story/amp', 'paid'],
    ['/rss', 'paid'],
    ['/tag/news/rss', 'paid'],
    ['/author/ann/rss', 'paid'],
    ['/content/files/2026/11/a.pdf', 'paid'],
    ['/ghost/api/content/posts?key=1', 'staff'],
    ['/p/0b1c', 'staff'],
    ['/g/a-story?key=1', 'closed'],
    ['POST /', 'closed'],
  ])('answers %s: %s', (sent, terms) => {
    expect(termsAt(ghost, sent, { requires: 'premium' })).toBe(terms)
  })
})
