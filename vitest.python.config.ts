import { defineConfig } from 'vitest/config'

/** `npm run sdks:python`: the SDKs for Python. Needs `python3`, and a network the first time. */
export default defineConfig({
  test: {
    include: ['test/sdks/python/**/*.test.ts'],
    globalSetup: ['./test/slow/bundles.setup.ts', './test/sdks/python/venv.setup.ts'],
    reporters: ['default', './test/support/closing-line.ts'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
})
