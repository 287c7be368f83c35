/** Bundles a Worker as wrangler does for a deployment, with the project's own esbuild. */
import type { Unstable_Config } from 'wrangler'
import { CommandError, EXIT } from '../commanderror.ts'
import { esbuildOf } from '../toolchain.ts'

/** What wrangler.toml may say of a bundle that is not done here. */
const ELSEWHERE = ['no_bundle', 'build', 'wasm_modules', 'site'] as const

/** Returns the module's text. Throws what esbuild finds wrong, with its places. */
export async function bundleWorker(config: Unstable_Config, folder: string): Promise<string> {
  const { main, minify, keep_names: keepNames, define, alias } = config
  if (main === undefined) throw new CommandError('wrangler.toml: main: is missing', EXIT.refused)
  const strange = strangeIn(config)
  if (strange !== undefined) {
    const advice = 'make the module with "npx wrangler deploy --dry-run --outdir out", and give it by --module'
    throw new CommandError(`wrangler.toml: ${strange}: is wrangler’s alone: ${advice}`, EXIT.refused)
  }
  const { build, formatMessages } = esbuildOf(folder)
  try {
    const { outputFiles } = await build({
      entryPoints: [main],
      bundle: true,
      write: false,
      format: 'esm',
      target: 'es2024',
      conditions: ['workerd', 'worker', 'browser'],
      external: ['cloudflare:*', 'node:*', 'workerd:*'],
      minify: minify ?? false,
      keepNames: keepNames ?? true,
      define: { 'navigator.userAgent': '"Cloudflare-Workers"', 'process.env.NODE_ENV': '"production"', ...define },
      ...(alias === undefined ? {} : { alias }),
      logLevel: 'silent',
    })
    return outputFiles[0]?.text ?? ''
  } catch (error) {
    if (!(error instanceof Error && 'errors' in error && Array.isArray(error.errors))) throw error
    const lines = await formatMessages(error.errors, { kind: 'error', color: false })
    throw new CommandError(`the Worker cannot be bundled:\n${lines.join('\n').trim()}`, EXIT.refused)
  }
}

function strangeIn(config: Unstable_Config): string | undefined {
  const { rules, build } = config
  if (rules.length > 0) return 'rules'
  const given: Readonly<Record<string, unknown>> = { ...config, build: build.command }
  return ELSEWHERE.find((name) => {
    const value = given[name]
    return (
      value !== undefined && value !== false && !(typeof value === 'object' && Object.keys(value ?? {}).length === 0)
    )
  })
}
