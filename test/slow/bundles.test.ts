import { describe, expect, it } from 'vitest'
import { among, type BundledPlugin, bundled } from './bundled.ts'

const MAIN = './src/index.ts'
const PLUGINS: readonly BundledPlugin[] = [
  ['bearer', MAIN, 'The cookie is longer than', 'webSocketProtocol'],
  ['receipt', MAIN, 'more than one receipt', '"Faregate-Receipt" field is not one token'],
  ['html', MAIN, '<!doctype html>', 'Content-Security-Policy', 'prerenderingchange'],
  ['signed', MAIN, 'faregate-signature'],
  ['openmeter', MAIN, 'openmeter', '/api/v1/events', 'cannot be taken back'],
  ['queue', MAIN, 'too large for a queue'],
  ['reported', MAIN, 'Faregate-Usage', 'expected an object such as {rows: 1000}'],
  ['clerk', MAIN, '["fea", "pla"]'],
  ['cloudflareAccess', MAIN, 'service:'],
  ['cognito', MAIN, 'cognito:groups'],
  ['entra', MAIN, 'login.microsoftonline.com'],
  ['firebase', MAIN, 'securetoken@system.gserviceaccount.com'],
  ['keycloak', MAIN, 'resource_access'],
  ['supabase', MAIN, 'app_metadata'],
]

describe('the bundle of a Worker', () => {
  it('has all that its configuration names', async () => {
    const all = await bundled(PLUGINS)
    for (const [name, , ...telling] of PLUGINS) expect(among(all, telling), name).toEqual(telling)
  })

  it.each(PLUGINS)('has nothing of %s, if its configuration names all but that', async (name, _from, ...telling) => {
    const others = await bundled(PLUGINS.filter(([other]) => other !== name))
    expect(among(others, telling)).toEqual([])
  })
})
