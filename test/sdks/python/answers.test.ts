import { describe, expect, it } from 'vitest'
import { startForFile } from '../../slow/startforfile.ts'
import { startModelGate } from '../gate.ts'
import { startPython } from './client.ts'

const gate = await startForFile(startModelGate())
const python = await startForFile(startPython())
await gate.grant('account-7', '50')
const CREDENTIALS = { 'a token': await gate.token('account-7'), 'an API key': await gate.key('account-7') }

const ask = (way: string, prompt = 'Tell me. [[tokens-30]]', key = CREDENTIALS['a token']) =>
  python.ask({ do: way, gate: gate.url, key, model: 'demo-model', prompt })

describe.each(['chat', 'responses', 'messages'])('Python (%s)', (way) => {
  it.each(Object.entries(CREDENTIALS))('reads a text, with %s as its key', async (_what, key) => {
    const { answer } = await ask(way, undefined, key)
    expect(answer).toMatch(/^You asked: “Tell me/)
  })

  it('reads a stream to the same end, and sees nothing of the receipt in it', async () => {
    const [whole, streamed] = [await ask(way), await ask(`${way} stream`)]
    expect(streamed).toEqual(whole)
  })

  it('raises an error of its own if the provider breaks off in mid-stream', async () => {
    const { error } = await ask(`${way} stream`, 'Tell me. [[tokens-30, dies-after-9]]')
    expect(error?.name).toMatch(/^API(?:Status)?Error$/)
    expect(error?.message).toContain('The provider broke off its answer.')
  })
})

// To this SDK what OpenAI's Responses API sends then is an event like others.
it.each(['chat', 'messages'])('Python (%s) raises the error that the provider reports in mid-stream', async (way) => {
  const { error } = await ask(`${way} stream`, 'Tell me. [[tokens-30, error-after-9]]')
  expect(error?.name).toMatch(/^API(?:Status)?Error$/)
})

it.each(['chat tool', 'messages tool'])('Python is asked to call a tool (%s)', async (way) => {
  expect(await ask(way, '[[tool]]')).toMatchObject({ answer: 'weather' })
})

it('Python gets a vector for each text', async () => {
  expect(await ask('embeddings')).toMatchObject({ answer: 2 })
})
