import { cloudflareTest } from '@cloudflare/vitest-plugin'
import { defineConfig } from 'vitest/config'

/** `SEED=7 MODEL_RUNS=1500 npx vitest run test/ledger/host` looks further than every run does. */
const { SEED = 20_261_122, MODEL_RUNS = 0 } = process.env
const provide = { seed: Number(SEED), modelRuns: Number(MODEL_RUNS) }

/** Speeds, told by the folder: `test/workerd`, `test/slow`, `test/sdks`, `test/payments`, and all else, which is plain Node. */
export default defineConfig({
  test: {
    // By default Vitest leaves one core idle, of two.
    maxWorkers: '100%',
    reporters: ['default', './test/support/closing-line.ts'],
    projects: [
      {
        test: {
          name: 'rules',
          provide,
          include: ['test/**/*.test.ts'],
          exclude: [
            'test/workerd/**',
            'test/slow/**',
            'test/sdks/**',
            'test/payments/**',
            'test/browser/**',
            'test/themes/**',
            'test/prometheus/**',
          ],
          environment: 'node',
          setupFiles: ['./test/support/clock.ts', './test/support/seed.ts'],
          isolate: false,
          testTimeout: 30_000,
          hookTimeout: 30_000,
        },
      },
      {
        plugins: [
          cloudflareTest({
            wrangler: { configPath: './test/support/wrangler.toml' },
          }),
        ],
        test: {
          name: 'workerd',
          provide,
          include: ['test/workerd/**/*.test.ts'],
          isolate: false,
          setupFiles: ['./test/support/clock.ts', './test/support/seed.ts', './test/workerd/setup.ts'],
          testTimeout: 30_000,
          hookTimeout: 30_000,
        },
      },
      {
        test: {
          name: 'slow',
          provide,
          include: ['test/slow/**/*.test.ts'],
          environment: 'node',
          globalSetup: ['./test/slow/bundles.setup.ts'],
          setupFiles: ['./test/support/seed.ts'],
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        test: {
          name: 'sdks',
          include: ['test/sdks/*.test.ts'],
          environment: 'node',
          globalSetup: ['./test/slow/bundles.setup.ts'],
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        test: {
          name: 'payments',
          include: ['test/payments/*.test.ts'],
          environment: 'node',
          globalSetup: ['./tools/payments/install.ts', './test/slow/bundles.setup.ts'],
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
    ],
  },
})
