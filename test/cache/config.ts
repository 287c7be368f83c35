import { bearer, defineConfig, type CopyOptions } from '../../src/index.ts'

const paid = (path: string, cache: 'off' | 'shared' | CopyOptions = 'shared') => ({ path, requires: 'premium', cache })

/** Two zones with the same paths, and in the first a route for each way to keep a copy. */
// connectSeconds equal to responseSeconds: no server is dialled, for nothing may leave the process.
export default defineConfig(() => {
  const zone = {
    issuers: [{ issuer: 'https://billing.test', jwks: { url: 'https://billing.test/jwks.json' } }],
    rails: [bearer()],
    unmatched: 'closed' as const,
    remedies: { documentation: 'https://billing.test/problems' },
  }
  const origin = (url: string) => ({ servers: [{ url }], limits: { responseSeconds: 10, connectSeconds: 10 } })
  return {
    zones: [
      {
        ...zone,
        name: 'news',
        hosts: ['news.test', 'www.news.test'],
        audience: 'https://news.test',
        origin: origin('https://origin.test'),
        routes: [
          { path: '/free/*', free: true },
          { path: '/shared/*', free: true, cache: 'shared' },
          paid('/articles/*'),
          paid('/off/*', 'off'),
          paid('/account/*', { key: 'account' }),
          paid('/plan/*', { key: 'plan' }),
          paid('/default/*', { fresh: { defaultSeconds: 60 } }),
          paid('/most/*', { fresh: { mostSeconds: 30 } }),
          paid('/always/*', { fresh: { alwaysSeconds: 60 } }),
          paid('/heuristic/*', { fresh: { heuristicSeconds: 3600 } }),
          paid('/stripped/*', { stripSetCookie: true }),
          paid('/only/*', { query: { only: ['id', 'page*'] } }),
          paid('/ignore/*', { query: { ignore: ['utm_*', 'ref'] } }),
          paid('/small/*', { maxBytes: 1000 }),
          paid('/strict/*', { stale: { ifErrorSeconds: 0 } }),
          paid('/meanwhile/*', { stale: { whileRevalidateSeconds: 30 } }),
          paid('/tiers/*', { requestFields: ['x-tier'] }),
        ],
      },
      {
        ...zone,
        name: 'shop',
        hosts: ['shop.test'],
        audience: 'https://shop.test',
        origin: origin('https://shop-origin.test'),
        routes: [paid('/articles/*')],
      },
    ],
  }
})
