import { beforeAll, describe, expect, it } from 'vitest'
import { makeParties, type Parties } from '../tokens/hostile/parties.ts'
import { AccountWorld, BROWSER } from './world.ts'

let parties: Parties

beforeAll(async () => {
  parties = await makeParties()
})

describe('an account whose token calls its units anything', () => {
  it.each(['constructor', '__proto__', 'toString'])('was told of a program, not of the unit %s', async (unit) => {
    const world = new AccountWorld(parties)
    const token = await world.token({ limits: [{ name: 'archive', quota: 1, unit, window: 'P1D' }] })
    const account = await (await world.open('/__faregate/account', {}, token)).text()
    expect(account).toContain(`0 of 1 ${unit} used`)
    const authorization = `Bearer ${token}`
    await world.ask('/archive/1', { headers: { authorization } })
    const refused = await (await world.ask('/archive/1', { headers: { authorization, accept: BROWSER.accept } })).text()
    expect(`${account}${refused}`).not.toMatch(/function |\[object/)
  })
})
