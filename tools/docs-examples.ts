/** What each example's configuration changes of the first one's, as the lines that differ. */
import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'

const examples = resolve(import.meta.dirname, '../examples')
const BASE = 'worker'
const CONFIG = 'faregate.config.ts'

type Line = `${' ' | '+' | '-'}${string}`

/** Lines of both, in order: those that only `before` has, those that only `after` has, and those that both have. */
function compare(before: readonly string[], after: readonly string[]): Line[] {
  // lengths[i][j]: how many lines the rests from i and j have in common.
  const lengths = Array.from({ length: before.length + 1 }, () => after.concat('').map(() => 0))
  const at = (i: number, j: number): number => lengths[i]?.[j] ?? 0
  for (let i = before.length - 1; i >= 0; i--)
    for (let j = after.length - 1; j >= 0; j--) {
      const row = lengths[i]
      if (row) row[j] = before[i] === after[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1))
    }
  const lines: Line[] = []
  let [i, j] = [0, 0]
  while (i < before.length || j < after.length) {
    if (i < before.length && j < after.length && before[i] === after[j]) {
      lines.push(` ${before[i] ?? ''}`)
      i++
      j++
    } else if (i < before.length && (j >= after.length || at(i + 1, j) >= at(i, j + 1)))
      lines.push(`-${before[i++] ?? ''}`)
    else lines.push(`+${after[j++] ?? ''}`)
  }
  return lines
}

/** The lines that differ, each with one neighbour; `@@` stands for what is left out. */
function hunks(lines: readonly Line[]): string[] {
  const isShown = lines.map((_, index) =>
    lines.slice(Math.max(0, index - 1), index + 2).some((line) => line[0] !== ' '),
  )
  return lines.flatMap((line, index) => {
    if (!isShown[index]) return []
    return index > 0 && !isShown[index - 1] ? ['@@', line] : [line]
  })
}

function linesOf(example: string): string[] {
  return readFileSync(join(examples, example, CONFIG), 'utf8')
    .trimEnd()
    .split('\n')
}

export function exampleDiffs(): string {
  const others = readdirSync(examples, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && entry.name !== BASE)
    .map(({ name }) => name)
    .filter((name) => readdirSync(join(examples, name)).includes(CONFIG))
    .toSorted()
  return others
    .map((name) => {
      const changed = hunks(compare(linesOf(BASE), linesOf(name))).join('\n')
      return `### \`${name}/${CONFIG}\`\n\n\`\`\`diff\n${changed}\n\`\`\``
    })
    .join('\n\n')
}
