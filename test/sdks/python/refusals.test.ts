import { describe, expect, it } from 'vitest'
import { startForFile } from '../../slow/startforfile.ts'
import { startModelGate } from '../gate.ts'
import { REFUSALS } from '../table.ts'
import { type PythonOutcome, startPython } from './client.ts'

const gate = await startForFile(startModelGate())
const python = await startForFile(startPython())
const token = await gate.token('account-7')
await gate.grant('account-7', '50')

const CLASSES: Readonly<Record<number, string>> = {
  401: 'AuthenticationError',
  402: 'APIStatusError',
  403: 'PermissionDeniedError',
  404: 'NotFoundError',
  409: 'ConflictError',
  413: 'APIStatusError',
  429: 'RateLimitError',
  503: 'InternalServerError',
}
const ANTHROPIC = { ...CLASSES, 413: 'RequestTooLargeError' }
const TRIES: Readonly<Record<number, number>> = { 409: 3, 429: 3, 503: 3 }

describe.each([
  ['chat', CLASSES],
  ['responses', CLASSES],
  ['messages', ANTHROPIC],
])('a refusal to Python (%s)', (way, classes: Readonly<Record<number, string>>) => {
  const refused = async (key: string, model: string) => {
    const ended: PythonOutcome[] = []
    const lines = await gate.lines(async () => ended.push(await python.ask({ do: way, gate: gate.url, key, model })))
    return { ...ended[0], statuses: lines.map(({ status }) => status) }
  }

  it.each(REFUSALS)(
    'is %i for %s, in its own class, with the sentence, after its own number of tries',
    async (...row) => {
      const [status, reason, message, wait] = row
      const { error, waits, statuses } = await refused(token, `refuse-${reason}`)
      // The message of these SDKs is the whole body, as Python writes it.
      expect(error).toEqual({
        name: classes[status],
        status,
        message: expect.stringContaining(`'message': '${message}'`),
      })
      expect(statuses).toEqual(Array.from({ length: TRIES[status] ?? 1 }, () => status))
      expect(waits).toEqual(statuses.slice(1).map(() => wait))
    },
  )

  it('is 401 for a wrong key, after one try', async () => {
    const { error, statuses } = await refused('sk-of-another-service', 'demo-model')
    expect(error).toMatchObject({ name: 'AuthenticationError', status: 401 })
    expect(statuses).toEqual([401])
  })

  it('is 402 for an account without credit, after one try', async () => {
    const { error, statuses } = await refused(await gate.token('account-poor'), 'demo-model')
    expect(error?.message).toMatch(/0 USD left; this call reserves 0\.\d+\. Top up: https:\/\/models\.test\/top-up/)
    expect(statuses).toEqual([402])
  })
})
