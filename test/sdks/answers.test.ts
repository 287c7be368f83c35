import { describe, expect, it } from 'vitest'
import { startForFile } from '../slow/startforfile.ts'
import { type Conversation, conversations } from './conversations.ts'
import { startModelGate } from './gate.ts'
import { receiptIn, recorded } from './recorded.ts'
import { withoutWaiting } from './waits.ts'

const gate = await startForFile(startModelGate())
await gate.grant('account-7', '500')
const token = await gate.token('account-7')

/** Streams a text through a fresh client. */
async function streamed(name: string, prompt: string) {
  const pieces: string[] = []
  const { value: error, answers } = await recorded(() =>
    of(name)
      .stream(prompt, (piece) => pieces.push(piece))
      .then(
        () => undefined,
        (thrown: unknown) => thrown,
      ),
  )
  return { text: pieces.join(''), pieces: pieces.filter((piece) => piece !== '').length, error, answers }
}

function of(name: string): Conversation {
  const found = conversations(gate.url, token)[name]
  if (found === undefined) throw new Error(name)
  return found
}

/** What the last call costs at 2.50 and 10 USD for a million tokens, in 10⁻⁹ USD, by what the provider knows. */
function costOfLast(): number {
  const { input, output } = gate.models.log.at(-1)?.usage ?? { input: 0, output: 0 }
  return input * 2500 + output * 10_000
}

const ALL = conversations(gate.url, token)

describe.each(Object.keys(ALL))('%s', (name) => {
  it('reads a text as a stream, to the same end as whole, and sees nothing of the receipt in it', async () => {
    const prompt = 'Tell me. [[tokens-30]]'
    const whole = await of(name).text(prompt)
    expect(whole).toMatch(/^You asked: “Tell me/)
    const { text, pieces, error, answers } = await streamed(name, prompt)
    expect(error).toBeUndefined()
    expect(text).toBe(whole)
    expect(pieces).toBe(30)
    const [answer] = answers
    // Google's SDK for Python fails on comments, so none of its SDKs is sent any.
    if (name.startsWith('genai')) return expect(answer?.text).not.toMatch(/^:/m)
    const { charge, amount } = receiptIn(answer ?? { text: '' })
    expect(Math.round(Number(amount) * 1e9)).toBe(costOfLast())
    expect(charge).toBe(answer?.headers.get('faregate-charge'))
  })

  it('is asked to call a tool', async () => {
    expect(await of(name).call('[[tool]]')).toEqual(['weather', expect.objectContaining({})])
  })

  it.each(['error-after-9', 'dies-after-9'])(
    'throws after what had come, if the provider does in mid-stream: %s',
    async (fault) => {
      const { text, error } = await streamed(name, `Tell me. [[tokens-30, ${fault}]]`)
      expect('You asked: “Tell me.”.').toContain(text.trim())
      expect(text).toMatch(/^You/)
      expect(error).toBeInstanceOf(Error)
      // Mistral's SDK knows no events of errors: it throws, as the event is no chunk, and does not say what is in it.
      if (fault.startsWith('dies') && name !== 'mistral')
        expect(String(error)).toContain('The provider broke off its answer.')
    },
  )
})

it.each(Object.keys(ALL).filter((name) => ALL[name]?.embed !== undefined))(
  '%s gets a vector for each text',
  async (name) => {
    expect(await of(name).embed?.()).toBe(2)
  },
)

it.each([
  ['openai', 'demo-model'],
  ['anthropic', 'demo-model-2'],
])('what %s tries again by itself is one charge', async (name, model) => {
  const mine = await gate.token(`account-${name}`)
  await gate.grant(`account-${name}`, '1')
  const from = gate.models.log.length
  const {
    value: { value },
    answers,
  } = await recorded(() =>
    withoutWaiting(async () => conversations(gate.url, mine, model)[name]?.text('Tell me. [[first-2-500, tokens-5]]')),
  )
  expect(value).toMatch(/^You asked/)
  expect(gate.models.log.slice(from).map(({ status }) => status)).toEqual([500, 500, 200])
  const ids = answers.map(
    ({ headers }) => headers.get('faregate-charge') ?? headers.get('x-request-id') ?? headers.get('request-id'),
  )
  expect(ids[2]).toBe(ids[0])
  const view = await fetch(`${gate.url}/__faregate/account`, { headers: { authorization: `Bearer ${mine}` } })
  expect(await view.json()).toMatchObject({ account: { credit: [{ amount: '0.9999' }] } })
})
