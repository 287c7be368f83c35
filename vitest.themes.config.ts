import { cloudflareTest } from '@cloudflare/vitest-plugin'
import { defineConfig } from 'vitest/config'

/** `npm run test:themes`: articles that real themes write. Needs a network the first time, and a gigabyte. */
export default defineConfig({
  plugins: [cloudflareTest({ wrangler: { configPath: './test/support/wrangler.toml' } })],
  test: {
    include: ['test/themes/**/*.test.ts'],
    provide: { seed: 1, modelRuns: 0 },
    exclude: ['**/node_modules/**'],
    globalSetup: ['./test/themes/pages.setup.ts'],
    setupFiles: ['./test/support/clock.ts', './test/workerd/setup.ts'],
    isolate: false,
    testTimeout: 30_000,
    hookTimeout: 30_000,
  },
})
