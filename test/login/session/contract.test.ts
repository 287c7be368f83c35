import { bearer, session } from '../../../src/index.ts'
import { sealSession } from '../../../src/login/session/token.ts'
import { memory } from '../../../src/platform/memory/index.ts'
import { holdRailToContract, type RailGate } from '../../rails/contract.ts'
import { BILLING, NOW } from '../../tokens/hostile/parties.ts'
import { createGate } from '../../tokens/payment/gate.ts'
import { OtherSide } from './otherside.ts'

const login = { ...new OtherSide(() => NOW * 1000).login(), issuer: BILLING }

/** Seals a session of the site's account. */
async function sealed({ site: { zone } }: RailGate): Promise<string> {
  const facts = {
    sid: 'abcdefghijklmnopqrstuv',
    login: 'test',
    account: 'ann',
    signedInAt: NOW,
    issuedAt: NOW,
    expires: NOW + 7200,
    entitlements: ['premium'],
    plan: undefined,
    limits: [],
    standing: 'active' as const,
  }
  if (zone.gateKeys === undefined) throw new Error('no keys')
  const made = await sealSession(facts, BILLING, zone.gateKeys, zone)
  if (!made.ok) throw new Error(made.error)
  return made.value.token
}

holdRailToContract('session', {
  create: () => session(),
  open(parties, rail) {
    const { ledgers, bulletins } = memory({}, {}, { clock: () => NOW * 1000 })
    const { site, services } = createGate(parties, [bearer(), rail], ledgers && bulletins && { ledgers, bulletins })
    return { site: { ...site, logins: [login] }, services }
  },
  credential: (_parties, gate) => sealed(gate),
  // A semicolon ends a cookie.
  sent: (credential) => ['Cookie', `__Host-faregate=${credential.replaceAll(';', '%3B')}`],
  path: '/paid/1',
  shown: {},
})
