import { gzipSync } from 'node:zlib'
import { beforeEach, describe, expect, it } from 'vitest'
import { chunksOf, type CrowdedGate, startCrowdedGate, tally } from './crowd.ts'
import { startForFile } from '../startforfile.ts'

const READERS = 1000
const FRESH = { 'cache-control': 'max-age=600', 'content-type': 'text/plain' }

const gate = await startForFile(startCrowdedGate(READERS))
beforeEach(() => {
  gate.calls.length = 0
})

/** Resolves when the origin is asked so often. */
function asked(times: number, then: CrowdedGate['origin']): Promise<void> {
  return new Promise((resolve) => {
    gate.origin = (index, response) => {
      then(index, response)
      if (index === times - 1) resolve()
    }
  })
}

const page = (text: string): string => `200 ${Buffer.from(text).toString('base64')}`

describe('a thousand readers, each with a token and a connection of their own, of one cold page', () => {
  it('are one request to the origin, which answers when all have asked', async () => {
    let answer = (): void => undefined
    const first = asked(1, (_index, response) => {
      answer = () => void response.writeHead(200, FRESH).end('the page')
    })
    const readers = gate.arrive('/articles/one')
    await Promise.all([first, ...readers.map(({ sent }) => sent)])
    answer()
    expect(await tally(readers)).toEqual({ [page('the page')]: READERS })
    expect(gate.calls.length).toBe(1)
  })

  it('are one request for a stream, of which each gets every part before the next is made', async () => {
    let write = (_text: string): void => undefined
    let end = (): void => undefined
    const first = asked(1, (_index, response) => {
      response.writeHead(200, FRESH)
      write = (text) => void response.write(text)
      end = () => void response.end()
    })
    const readers = gate.arrive('/articles/stream')
    await first
    write('one')
    const next = (await Promise.all(readers.map(({ answer }) => answer))).map(chunksOf)
    const all = async () => new Set(await Promise.all(next.map((chunk) => chunk())))
    expect(await all()).toEqual(new Set(['one']))
    write('two')
    expect(await all()).toEqual(new Set(['two']))
    end()
    expect(await all()).toEqual(new Set([undefined]))
    expect(gate.calls.length).toBe(1)
  })

  it('are two requests when the origin resets the first connection, and only who asked first hears of it', async () => {
    let reset = (): void => undefined
    const first = asked(1, (index, response) => {
      if (index > 0) response.writeHead(200, FRESH).end('the page')
      else reset = () => void response.socket?.resetAndDestroy()
    })
    const readers = gate.arrive('/articles/reset')
    await Promise.all([first, ...readers.map(({ sent }) => sent)])
    reset()
    const counts = await tally(readers)
    expect(gate.calls.length).toBe(2)
    expect(counts).toEqual({ '502': 1, [page('the page')]: READERS - 1 })
  })

  it('get a compressed page byte for byte, and one who comes later too', async () => {
    const coded = gzipSync('the page '.repeat(1000))
    let answer = (): void => undefined
    const first = asked(1, (_index, response) => {
      answer = () => void response.writeHead(200, { ...FRESH, 'content-encoding': 'gzip' }).end(coded)
    })
    const readers = gate.arrive('/articles/coded')
    await Promise.all([first, ...readers.map(({ sent }) => sent)])
    answer()
    const expected = `200 ${coded.toString('base64')}`
    expect(await tally(readers)).toEqual({ [expected]: READERS })
    expect(await tally(gate.arrive('/articles/coded', 3))).toEqual({ [expected]: 3 })
    expect(gate.calls.length).toBe(1)
  })
})
