import { Command } from 'commander'
import { usageError } from '../commanderror.ts'
import { giveOrder, type OperatorFlags, tellAnswer, withOperator } from '../gate.ts'
import type { Terminal } from '../terminal.ts'
import { several } from '../values.ts'

interface PurgeFlags extends OperatorFlags {
  readonly path?: readonly string[]
  readonly tag?: readonly string[]
  readonly everything?: boolean
}

/** `faregate purge`: has a gate ask its origin anew for what it keeps copies of. */
export function purgeCommand(terminal: Terminal): Command {
  return withOperator(new Command('purge'))
    .summary('end copies of pages')
    .description('Has a gate ask its origin anew for what it keeps copies of. Scope: purge.')
    .option('--path <path>', 'this path and all below it; may come several times, as may --tag', several)
    .option('--tag <tag>', 'whatever the origin marked with this Cache-Tag', several)
    .option('--everything', 'all copies of the site')
    .action(async (flags: PurgeFlags) => {
      const { path: pathPrefixes = [], tag: tags = [], everything } = flags
      if (pathPrefixes.length + tags.length === 0 && everything !== true)
        throw usageError('name what to purge: --path, --tag or --everything')
      const body = { pathPrefixes, tags, ...(everything === true ? { everything } : {}) }
      const answer = await giveOrder({ path: 'purge', body }, flags, terminal)
      tellAnswer(answer, told(answer), flags, terminal)
    })
}

interface Purged {
  readonly zone: string
  readonly purged: {
    readonly everything: boolean
    readonly tags: readonly string[]
    readonly pathPrefixes: readonly string[]
  }
}

/** One line for each thing that was purged, as the gate understood it. */
function told(answer: unknown): string | undefined {
  if (!isPurged(answer)) return undefined
  const { zone, purged } = answer
  const things = purged.everything
    ? ['everything']
    : [...purged.pathPrefixes.map((path) => `path ${path}`), ...purged.tags.map((tag) => `tag ${tag}`)]
  return things.map((thing) => `purged in ${zone}: ${thing}`).join('\n')
}

function isPurged(answer: unknown): answer is Purged {
  return typeof answer === 'object' && answer !== null && 'zone' in answer && 'purged' in answer
}
