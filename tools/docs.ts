/**
 * `npm run docs`: writes what of the documentation is made from something else, below a line in each page that says so:
 * docs/configuration.md from the docblocks of the options, docs/cli.md from the help of the commands, the tables of origins from
 * their recipes, examples/README.md from the files of the examples. A test holds that what is committed is what this writes.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { ghost } from '../cli/recipes/ghost.ts'
import { recipeTable } from '../cli/recipes/recipe.ts'
import { wordpress } from '../cli/recipes/wordpress.ts'
import { cliReference } from './docs-cli.ts'
import { configurationReference } from './docs-config.ts'
import { exampleDiffs } from './docs-examples.ts'

const root = resolve(import.meta.dirname, '..')

/** What follows it is written here; what precedes it, by hand. */
const MARK = '<!-- `npm run docs` writes what follows. -->\n'

const GENERATED: Readonly<Record<string, () => string>> = {
  'docs/cli.md': cliReference,
  'docs/configuration.md': configurationReference,
  'docs/start/ghost.md': () => recipeTable(ghost),
  'docs/start/wordpress.md': () => recipeTable(wordpress),
  'examples/README.md': exampleDiffs,
}

/** Each page that is made in part, as it is and as it should be. */
export function generatedPages(): { readonly path: string; readonly is: string; readonly shouldBe: string }[] {
  return Object.entries(GENERATED).map(([path, make]) => {
    const is = readFileSync(join(root, path), 'utf8')
    const [head = '', rest] = is.split(MARK, 2)
    if (rest === undefined) throw new Error(`${path} has no line ${MARK}`)
    return { path, is, shouldBe: `${head}${MARK}\n${make().trim()}\n` }
  })
}

if (process.argv[1] === import.meta.filename) {
  for (const { path, is, shouldBe } of generatedPages()) {
    if (is === shouldBe) continue
    writeFileSync(join(root, path), shouldBe)
    console.log(`wrote ${path}`)
  }
}
