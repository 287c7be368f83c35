import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createModels, MODEL_KEYS, type Models } from '../../../demo/models/models.ts'
import { bearer, defineConfig, openai } from '../../../src/index.ts'
import { ENDPOINTS } from '../../support/endpoints.ts'
import { realObjects } from '../../support/services.ts'
import { createWorld, type World } from '../../support/world.ts'
import { createGate, type Gate } from '../cache/gate.ts'
import { createBuyer } from './gateway.ts'

let world: World
let models: Models
let gate: Gate

/** A site of its own and a provider of models in one zone. */
beforeEach(async () => {
  world = await createWorld()
  models = createModels()
  world.origin = (request) =>
    request.url.startsWith('https://site.test') ? new Response('the site') : models.fetch(request)
  const config = defineConfig({
    endpoints: ENDPOINTS,
    zones: [
      {
        name: 'news',
        hosts: ['news.test'],
        audience: 'https://news.test',
        issuers: [{ issuer: 'https://billing.test', jwks: { url: 'https://billing.test/jwks.json' } }],
        rails: [bearer()],
        origin: {
          servers: [{ url: 'https://site.test' }],
          fields: { 'x-origin-secret': { secret: 'SITE_SECRET' } },
          limits: { connectSeconds: 10 },
        },
        routes: [
          {
            path: '/openai/*',
            requires: 'api',
            meter: openai({
              secret: 'OPENAI_KEY',
              currency: 'USD',
              models: { test: { rates: { input: '1', output: '2' }, limit: { input: 9000, output: 900 } } },
            }),
          },
        ],
        unmatched: 'free',
        remedies: { documentation: 'https://billing.test/problems' },
      },
    ],
  })
  const env = { OPENAI_KEY: MODEL_KEYS.openai, SITE_SECRET: 'a secret between gate and site' }
  gate = createGate('embedded', config, env, realObjects())
})
afterEach(() => world.end())

describe('the server of a meter', () => {
  it('is asked by its route alone, and the site’s own by all others', async () => {
    for (let turn = 0; turn < 8; turn++) {
      const page = await gate.fetch(new Request(`https://news.test/page/${turn}`))
      expect(await page.text()).toBe('the site')
    }
    expect([models.log.length, world.received.length]).toEqual([0, 8])
  })

  it('gets nothing that the zone adds for its own servers', async () => {
    const buyer = await createBuyer(gate, world)
    await buyer.grant(1_000_000_000n)
    const response = await buyer.post('/openai/v1/chat/completions', {
      model: 'test',
      messages: [{ role: 'user', content: 'x' }],
    })
    expect(response.status).toBe(200)
    await response.text()
    await gate.fetch(new Request('https://news.test/page'))
    const [asked, own] = world.received
    expect(asked?.headers.has('x-origin-secret')).toBe(false)
    expect(own?.headers.get('x-origin-secret')).toBe('a secret between gate and site')
  })
})
