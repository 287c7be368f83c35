import { beforeEach, describe, expect, it } from 'vitest'
import { askAll, fieldOf, speak } from '../attacks/wire.ts'
import { begun, drained, speaker, speakers } from './leak-client.ts'
import { get, paying, startGate, token } from './poisoning-gate.ts'
import { LARGE_BYTES } from './poisoning-origin.ts'
import { startForFile } from '../startforfile.ts'

const gate = await startForFile(startGate())
const good = paying(await token())
beforeEach(() => gate.origin.forget())

const timesAsked = (path: string): number => gate.origin.arrivals.filter(({ target }) => target === path).length
/** All that was sent before has been looked at: the gate has one thread, and it has answered this. */
const settled = (): Promise<unknown> =>
  askAll(
    gate.port,
    Array.from({ length: 24 }, () => get('/__faregate/none')),
  )
const one = async (path: string, ...fields: string[]) => (await askAll(gate.port, [get(path, ...fields)]))[0]

describe('Two hundred readers at once', () => {
  it.each([
    ['/free/held/many', 'Cache-Control: no-cache'],
    ['/free/held/more', 'Pragma: no-cache'],
    ['/free/held/old', 'Cache-Control: max-age=0'],
    ['/paid/held/many', 'Cache-Control: no-cache'],
    ['/free/held/cold', 'Accept: */*'],
  ])('who ask for %s with %s cost the origin one request', async (path, field) => {
    if (!path.endsWith('cold')) await one(path, ...good)
    gate.origin.forget()
    const release = gate.origin.hold()
    const readers = speakers(
      gate.port,
      Array.from({ length: 200 }, () => get(path, ...good, field)),
    )
    await Promise.all(readers.map(({ sent }) => sent))
    await gate.origin.came(path, 1)
    await settled()
    release()
    const answers = await Promise.all(readers.map(({ answer }) => answer))
    expect(answers.filter((answer) => answer?.status !== 200)).toEqual([])
    expect(timesAsked(path)).toBeLessThan(4)
  })
})

describe('A reader who leaves', () => {
  it('while others follow him, before the origin has answered, takes nothing from them', async () => {
    const path = '/free/held/left'
    const release = gate.origin.hold()
    const leader = speaker(gate.port, get(path))
    await gate.origin.came(path, 1)
    const followers = speakers(
      gate.port,
      Array.from({ length: 10 }, () => get(path)),
    )
    await Promise.all(followers.map(({ sent }) => sent))
    await settled()
    leader.socket.destroy()
    await settled()
    release()
    const answers = await Promise.all(followers.map(({ answer }) => answer))
    expect(answers.map((answer) => answer?.status)).toEqual(Array.from({ length: 10 }, () => 200))
    expect(timesAsked(path)).toBe(1)
    expect(fieldOf((await one(path)) ?? { status: 0, head: '', body: '' }, 'cache-status')).toContain('hit')
  })

  it('while others follow him, in the midst of the content, takes nothing from them', async () => {
    const path = '/free/slow/left'
    const release = gate.origin.hold()
    const leader = await begun(gate.port, path)
    const followers = await Promise.all(Array.from({ length: 10 }, () => begun(gate.port, path)))
    leader.destroy()
    await settled()
    release()
    const read = await Promise.all(followers.map(drained))
    expect(read).toEqual(Array.from({ length: 10 }, () => ({ bytes: 12, whole: true })))
    expect(timesAsked(path)).toBe(1)
    const kept = await one(path)
    expect(kept?.body).toBe('begun\nended\n')
    expect(fieldOf(kept ?? { status: 0, head: '', body: '' }, 'cache-status')).toContain('hit')
  })

  it('whom he follows, or who follows with him, notices nothing', async () => {
    const path = '/free/slow/follower'
    const release = gate.origin.hold()
    const leader = await begun(gate.port, path)
    const [leaver, stayer] = await Promise.all([begun(gate.port, path), begun(gate.port, path)])
    leaver?.destroy()
    await settled()
    release()
    expect(await drained(leader)).toEqual({ bytes: 12, whole: true })
    expect(stayer === undefined ? undefined : await drained(stayer)).toEqual({ bytes: 12, whole: true })
    expect(timesAsked(path)).toBe(1)
  })
})

describe('A slow reader', () => {
  it.each(['/small/large', '/free/large'])(
    'of %s, which is too large to keep, does not hold up for good whom he follows',
    async (path) => {
      const release = gate.origin.hold()
      const leader = await begun(gate.port, path)
      const slow = await begun(gate.port, path)
      release()
      expect(await drained(leader)).toEqual({ bytes: LARGE_BYTES + 6, whole: true })
      expect(timesAsked(path)).toBe(1)
      slow.destroy()
    },
  )

  it.each(['/small/large', '/free/large'])('is not he who follows %s as fast as he can: both get all', async (path) => {
    const release = gate.origin.hold()
    const leader = await begun(gate.port, path)
    const follower = await begun(gate.port, path)
    release()
    const whole = { bytes: LARGE_BYTES + 6, whole: true }
    expect(await Promise.all([drained(leader), drained(follower)])).toEqual([whole, whole])
    expect(timesAsked(path)).toBe(1)
  })

  it('of a copy that is kept holds up neither the others nor the copy', async () => {
    const path = '/free/slow/reader'
    const release = gate.origin.hold()
    const slow = await begun(gate.port, path)
    const fast = await begun(gate.port, path)
    release()
    expect(await drained(fast)).toEqual({ bytes: 12, whole: true })
    expect(fieldOf((await one(path)) ?? { status: 0, head: '', body: '' }, 'cache-status')).toContain('hit')
    expect(await drained(slow)).toEqual({ bytes: 12, whole: true })
  })
})

describe('A response that ends too soon', () => {
  it.each(['/free/short', '/paid/short', '/account/short', '/free/endless', '/paid/endless', '/small/short'])(
    '%s is kept by no one, and no one takes it for whole',
    async (under) => {
      const path = `${under}/1`
      const request = get(path, ...good).toString('latin1')
      for (let time = 1; time <= 3; time++) {
        // What has no end is not an answer here.
        const whole = (await speak(gate.port, request)).filter(({ status }) => status === 200)
        expect(whole).toEqual([])
        expect(timesAsked(path)).toBe(time)
      }
    },
  )
})
