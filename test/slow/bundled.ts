import { join } from 'node:path'
import { build } from 'esbuild'

const root = join(import.meta.dirname, '../..')

/** A factory that a configuration may name, where it comes from, and strings that only what it makes has. */
export type BundledPlugin = readonly [name: string, from: string, ...telling: readonly string[]]

/** The Worker whose configuration names these, as the bundler of a deployment would make it. */
export async function bundled(plugins: readonly BundledPlugin[]): Promise<string> {
  const imports = plugins.map(([name, from]) => `import { ${name} } from '${from}'`).join('\n')
  const named = plugins.map(([name]) => name).join(', ')
  const contents = `
    import { faregate } from './src/platform/cloudflare/index.ts'
    ${imports}
    const { Gate, Origin, Ledger } = faregate((env) => env.options(${named}))
    export { Gate as default, Ledger, Origin }`
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: root, loader: 'ts' },
    bundle: true,
    format: 'esm',
    write: false,
    external: ['cloudflare:*'],
    conditions: ['workerd', 'worker', 'browser'],
  })
  return outputFiles.map(({ text }) => text).join('')
}

/** Those of the strings that the text has. */
export const among = (text: string, telling: readonly string[]): string[] =>
  telling.filter((each) => text.includes(each))
