import { defineConfig } from 'vitest/config'

/** `npm run test:browser`: what only a real browser can show. Needs Chromium; CHROMIUM names it where it is not in its usual place. */
export default defineConfig({
  test: {
    include: ['test/browser/**/*.test.ts'],
    globalSetup: ['./test/slow/bundles.setup.ts'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
})
