import { defineConfig } from 'vitest/config'

/** `npm run test:prometheus`: the metrics before a real Prometheus. Needs `prometheus` and `promtool`, and `python3` with `venv`. */
export default defineConfig({
  test: {
    include: ['test/prometheus/**/*.test.ts'],
    globalSetup: ['./test/prometheus/python.setup.ts'],
    reporters: ['default', './test/support/closing-line.ts'],
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
})
