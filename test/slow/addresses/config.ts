import { bearer, defineConfig, freeReading, type Options, searchCrawlers } from '../../../src/index.ts'

/** What depends on where a request comes from: a crawler of the ranges here, and two free pages for each network. */
export default defineConfig(
  (): Options => ({
    secrets: { gate: 'GATE_SECRET' },
    zones: [
      {
        name: 'addresses',
        hosts: ['127.0.0.1', 'localhost'],
        audience: 'https://addresses.test',
        issuers: [{ issuer: 'https://billing.test', secret: 'TOKEN_SECRET' }],
        rails: [bearer()],
        exemptions: [
          searchCrawlers({
            verify: [
              { agent: 'Examplebot', ranges: ['::ffff:192.0.2.0/120'] },
              { agent: 'Localbot', ranges: ['127.0.0.0/8'] },
            ],
          }),
          freeReading({ views: 30, perNetwork: { views: 2, seconds: 86_400 } }),
        ],
        routes: [{ path: '/articles/*', requires: 'premium' }],
        unmatched: 'free',
        remedies: { documentation: 'https://addresses.test/problems' },
      },
    ],
  }),
)

export const VARS = {
  TOKEN_SECRET: '0123456789abcdef0123456789abcdef',
  GATE_SECRET: 'fedcba9876543210fedcba9876543210',
}
