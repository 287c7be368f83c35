import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { TRIP_WORDS } from '../../src/login/speech.ts'
import { placeholdersIn, type Words } from '../../src/pages/words.ts'
import { PROGRAMMERS_WORDS } from '../browser/axe.ts'
import { FakeLogin } from './fakelogin.ts'
import { CLICK, Reader } from './reader.ts'
import { TripWorld } from './world.ts'

let login: FakeLogin
let world: TripWorld
let reader: Reader

beforeEach(() => {
  login = new FakeLogin({ offers: [{ name: 'monthly', title: 'Monthly' }] })
  world = new TripWorld([login])
  reader = new Reader(world)
})
afterEach(() => void vi.restoreAllMocks())

const GERMAN = { ...CLICK, accept: 'text/html', 'accept-language': 'de-AT,de;q=0.9,en;q=0.5' }
const BUY = '/__faregate/checkout?offer=monthly&to=/articles/1'

describe('a reader who wants German', () => {
  it.each([
    ['/__faregate/sign-out', 200, 'Abmelden'],
    ['/__faregate/portal?to=/articles/1', 401, 'Melden Sie sich an, um Ihre Käufe zu verwalten'],
    ['/__faregate/return/ident?code=x&state=y', 400, 'Das lässt sich hier nicht abschließen'],
    ['/__faregate/sign-in-code', 404, 'Hier gibt es nichts'],
  ])('is spoken to in German at %s', async (path, status, heading) => {
    const response = await reader.open(path, GERMAN)
    expect([response.status, response.headers.get('content-language')]).toEqual([status, 'de'])
    const page = await response.text()
    expect(page).toContain('<html lang="de" dir="ltr">')
    expect(page).toContain(`<h1>${heading}</h1>`)
  })

  it('is told in German what the login says, if it says so, and else as it says it', async () => {
    login.fault = { kind: 'refused', detail: { en: 'Not today.', de: 'Heute nicht.' } }
    expect(await (await reader.open(BUY, GERMAN)).text()).toContain('Heute nicht.')
    login.fault = { kind: 'refused', detail: 'Not tomorrow.' }
    expect(await (await reader.open(BUY, GERMAN)).text()).toContain('Not tomorrow.')
  })
})

describe('the words of signing in and buying', () => {
  it('have the same placeholders in each language, and none of programmers', () => {
    const others: Words = TRIP_WORDS['de'] ?? {}
    for (const [group, keys] of Object.entries(TRIP_WORDS.en))
      for (const [key, text] of Object.entries(keys)) {
        const german = others[group]?.[key] ?? ''
        expect([...placeholdersIn(german)].toSorted()).toEqual([...placeholdersIn(text)].toSorted())
        for (const said of [text, german]) expect(said).not.toMatch(PROGRAMMERS_WORDS)
      }
  })
})
