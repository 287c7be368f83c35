import type { Config } from './options.ts'

/**
 * Gives a configuration its type, so that an editor completes its options. Checks nothing: faults are found when the
 * configuration is compiled. Declare a function's result as `(env): Options =>`, or TypeScript accepts a misspelt option
 * without an error.
 *
 * @example
 * ```ts
 * import { bearer, defineConfig } from 'faregate'
 *
 * export default defineConfig({
 *   zones: [
 *     {
 *       name: 'www',
 *       hosts: ['www.example.com'],
 *       audience: 'https://www.example.com',
 *       issuers: [{ issuer: 'https://billing.example.com', jwks: { url: 'https://billing.example.com/jwks.json' } }],
 *       origin: { servers: [{ url: 'https://origin.example.com' }] },
 *       rails: [bearer()],
 *       routes: [{ path: '/articles/*', requires: 'premium' }],
 *       unmatched: 'free',
 *       remedies: { documentation: 'https://www.example.com/problems' },
 *     },
 *   ],
 * })
 * ```
 */
export function defineConfig(config: Config): Config {
  return config
}
