import { bearer } from '../../src/rails/bearer.ts'
import { describe, expect, it } from 'vitest'
import { defineConfig, type Options, signed, type ZoneOptions } from '../../src/index.ts'

const zone: ZoneOptions = {
  name: 'a',
  hosts: ['a.test'],
  audience: 'https://a.test',
  issuers: [],
  rails: [bearer()],
  routes: [],
  unmatched: 'free',
  remedies: { documentation: 'https://a.test/' },
}

/**
 * Each directive stands over the line that an editor underlines: this line is an error, and no other is. TypeScript tells the
 * next one when the first is put right, so that each configuration here has one.
 */
describe('defineConfig, in an editor', () => {
  it('lets a misspelt option be underlined where it is, at any depth of what a function gives', () => {
    const configs = [
      defineConfig(
        (): Options => ({
          // @ts-expect-error: log
          logs: { accountKey: 'KEY' },
          zones: [zone],
        }),
      ),
      defineConfig(
        (): Options => ({
          zones: [
            {
              ...zone,
              // @ts-expect-error: standing
              standings: { boundSeconds: 5 },
            },
          ],
        }),
      ),
      defineConfig(
        (): Options => ({
          zones: [
            {
              ...zone,
              routes: [
                {
                  path: '/a/*',
                  // @ts-expect-error: requires
                  require: 'premium',
                },
              ],
            },
          ],
        }),
      ),
      defineConfig(
        (env): Options => ({
          zones: [
            {
              ...zone,
              origin: {
                servers: [
                  {
                    url: env['ORIGIN_URL'] ?? 'https://o.test',
                    // @ts-expect-error: weight
                    wieght: 1,
                  },
                ],
              },
            },
          ],
        }),
      ),
    ]
    for (const config of configs) expect(config).toBeTypeOf('function')
  })

  it('does so beside what is said only in some environments', () => {
    const config = defineConfig((env): Options => {
      const usage = env['USAGE_URL']
      return {
        ...(usage === undefined ? {} : { usage: [signed({ url: usage, secret: 'USAGE_SECRET' })] }),
        // @ts-expect-error: log
        logs: {},
        zones: [zone],
      }
    })
    expect(config).toBeTypeOf('function')
  })

  it('does so in an object alone, and knows a value of the wrong kind', () => {
    const named = defineConfig({
      // @ts-expect-error: log
      logs: {},
      zones: [zone],
    })
    const priced = defineConfig(
      (): Options => ({
        zones: [
          {
            ...zone,
            routes: [
              {
                path: '/a',
                // @ts-expect-error: an object
                price: '0.25',
              },
            ],
          },
        ],
      }),
    )
    expect([typeof named, typeof priced]).toEqual(['object', 'function'])
  })
})
