import { ghost } from '../../../cli/recipes/ghost.ts'
import { type RecipeChoices, recipeRoutes } from '../../../cli/recipes/recipe.ts'
import { wordpress } from '../../../cli/recipes/wordpress.ts'
import { bearer, html, type Options } from '../../../src/index.ts'
import { faregate } from '../../../src/platform/cloudflare/index.ts'

const CHOICES: RecipeChoices = { articles: ['/articles/*'], free: ['/about'], requires: 'premium' }

function routesFor(recipe: string | undefined): Options['zones'][number]['routes'] {
  if (recipe === 'wordpress') return [...recipeRoutes(wordpress, CHOICES)]
  if (recipe === 'ghost') return [...recipeRoutes(ghost, CHOICES)]
  return [{ path: '/articles/*', requires: 'premium' }]
}

/** A site that sells its articles: with a recipe, or with nothing but their path. */
const { Gate, Origin } = faregate(
  (env): Options => ({
    zones: [
      {
        name: 'site',
        hosts: ['127.0.0.1'],
        audience: 'https://site.test',
        issuers: [{ issuer: 'https://billing.test', secret: 'TOKEN_SECRET' }],
        rails: [bearer()],
        refusals: [html()],
        origin: { servers: [{ url: env['ORIGIN_URL'] ?? '' }] },
        routes: routesFor(env['RECIPE']),
        unmatched: env['RECIPE'] === undefined ? 'free' : 'closed',
        remedies: { documentation: 'https://site.test/problems' },
      },
    ],
  }),
)
export { Gate as default, Origin }
