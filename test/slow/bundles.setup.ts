import { globSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { build } from 'esbuild'
import { BUNDLES, ROOT } from './bundles.ts'

/** Builds every Worker that the tests start, once before the first of them: for wrangler each would be two seconds' work. */
export default async function buildWorkers(): Promise<void> {
  // What tests keep is below it too, and a fresh clone has none.
  mkdirSync(join(ROOT, '.faregate'), { recursive: true })
  await build({
    absWorkingDir: ROOT,
    entryPoints: [
      ...globSync('test/{slow,sdks,browser,payments}/**/*worker.ts', { cwd: ROOT }),
      'demo/worker.ts',
      'demo/stripe/worker.ts',
      'tools/weeks/worker.ts',
      'tools/replay/worker.ts',
    ],
    outbase: '.',
    outdir: BUNDLES,
    bundle: true,
    // As wrangler.toml has it, and as wrangler does.
    minify: true,
    format: 'esm',
    target: 'es2024',
    conditions: ['workerd', 'worker', 'browser'],
    external: ['cloudflare:*'],
    logLevel: 'warning',
  })
}
