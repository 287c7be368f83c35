import { describe, expect, it } from 'vitest'
import { startForFile } from '../slow/startforfile.ts'
import { CLIENTS } from './clients.ts'
import { type SdkError, shownBy, SHOWN } from './errors.ts'
import { startModelGate } from './gate.ts'
import { REFUSALS } from './table.ts'
import { withoutWaiting } from './waits.ts'

const gate = await startForFile(startModelGate())
const token = await gate.token('account-7')
await gate.grant('account-7', '5')

interface Ended {
  readonly error: unknown
  readonly waits: readonly number[]
  /** The statuses of the tries that the gate saw. */
  readonly statuses: readonly number[]
}

async function refusedTo(name: keyof typeof CLIENTS, key: string, model: string): Promise<Ended> {
  let ended: { value: unknown; waits: readonly number[] } | undefined
  const lines = await gate.lines(async () => {
    ended = await withoutWaiting(() =>
      CLIENTS[name](gate.url, key, model).then(
        () => 'an answer',
        (error: unknown) => error,
      ),
    )
  })
  return { error: ended?.value, waits: ended?.waits ?? [], statuses: lines.map(({ status }) => status) }
}

describe.each(Object.keys(CLIENTS) as (keyof typeof CLIENTS)[])('a refusal to %s', (name) => {
  const { classes, tries } = SHOWN[name]
  const shown = (error: unknown): SdkError => shownBy(name, error)

  it.each(REFUSALS)(
    'is %i for %s, in its own class, with the sentence, after its own number of tries',
    async (...row) => {
      const [status, reason, message, wait] = row
      const { error, waits, statuses } = await refusedTo(name, token, `refuse-${reason}`)
      expect(shown(error)).toEqual({ name: classes[status], status, message })
      expect(statuses).toEqual(Array.from({ length: tries[status] ?? 1 }, () => status))
      if (name !== 'langchain') expect(waits).toEqual(statuses.slice(1).map(() => (wait ?? 0) * 1000))
    },
  )

  it('is 401 for a wrong key, after one try', async () => {
    const { error, statuses } = await refusedTo(name, 'sk-of-another-service', 'demo-model')
    expect(shown(error)).toMatchObject({ name: classes[401], status: 401 })
    expect(statuses).toEqual([401])
  })

  it('is 402 for an account without credit, after one try, whatever it asks for', async () => {
    const { error, statuses } = await refusedTo(name, await gate.token('account-poor'), 'demo-model')
    const message = expect.stringMatching(
      /^0 USD left; this call reserves 0\.\d+\. Top up: https:\/\/models\.test\/top-up$/,
    )
    expect(shown(error)).toEqual({ name: classes[402], status: 402, message })
    expect(statuses).toEqual([402])
  })
})
