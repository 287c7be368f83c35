import { type AcceptedCase, HOSTILE, ISSUER, type Kind, NOW, STATUS_URI } from './cases.ts'

/** What becomes of a token whose list cannot be used. The gate's log says more. */
const UNUSED = ['standing-unavailable', undefined] as const

/** zlib may pack the same bytes in several ways: these are kept. The first two are of the specification, §4.1. */
const LISTS = [
  { bits: 1, lst: 'eNrbuRgAAhcBXQ', statuses: [1, 0, 0, 1, 1, 1, 0, 1, 1, 1, 0, 0, 0, 1, 0, 1] },
  { bits: 2, lst: 'eNo76fITAAPfAgc', statuses: [1, 2, 0, 3, 0, 1, 0, 1, 1, 2, 3, 3] },
  { bits: 4, lst: 'eJxTMBQAAADVAGI', statuses: [0, 2, 1, 3, 0, 1] },
  { bits: 8, lst: 'eJxjYGRi_A8AARABBA', statuses: [0, 1, 2, 1, 255] },
] as const

const lists: readonly AcceptedCase[] = LISTS.map(({ bits, lst, statuses }) => ({
  name: `a list of ${bits} bit${bits === 1 ? '' : 's'}`,
  by: bits === 4 ? 'es256' : 'ed25519',
  method: 'statusList',
  input: { uri: STATUS_URI, bits, statuses, ttlSeconds: 60 },
  claims: { status_list: { bits, lst } },
  means: { statuses, issuedAt: NOW, expires: NOW + 86_400, ttlSeconds: 60 },
}))

export const STATUS_LISTS: Kind = {
  file: 'statuslist.json',
  kind: 'statuslist',
  typ: 'statuslist+jwt',
  description:
    'Status lists (IETF Token Status List). A list that is refused is not used: tokens in it are answered 503 if no other is held.',
  good: {
    iss: ISSUER,
    sub: STATUS_URI,
    iat: NOW,
    exp: NOW + 86_400,
    ttl: 60,
    status_list: { bits: LISTS[1].bits, lst: LISTS[1].lst },
  },
  accepted: [
    ...lists,
    {
      name: 'a list without issuer, end and ttl',
      by: 'ed25519',
      method: 'statusList',
      input: { uri: STATUS_URI, bits: 1, statuses: LISTS[0].statuses },
      claims: { iss: undefined, exp: undefined, ttl: undefined, status_list: { bits: 1, lst: LISTS[0].lst } },
      means: { statuses: LISTS[0].statuses, issuedAt: NOW },
    },
  ],
  refused: [
    ...HOSTILE.filter(({ name }) => name !== 'has no issuer').map((each) => ({ ...each, refused: UNUSED })),
    { name: 'is another list', claims: { sub: `${ISSUER}/status/2` }, refused: UNUSED },
    { name: 'is for another site', claims: { aud: 'https://other.example' }, refused: UNUSED },
    { name: 'has expired', now: NOW + 86_406, refused: UNUSED },
    { name: 'is of the future', claims: { iat: NOW + 6 }, refused: UNUSED },
    { name: 'has no time', claims: { iat: undefined }, refused: UNUSED },
    { name: 'has no ttl that is a time', claims: { ttl: 0 }, refused: UNUSED },
    { name: 'has three bits for each', claims: { status_list: { bits: 3, lst: LISTS[0].lst } }, refused: UNUSED },
    { name: 'is not compressed', claims: { status_list: { bits: 1, lst: 'uaM' } }, refused: UNUSED },
    {
      name: 'has padding in its bytes',
      claims: { status_list: { bits: 1, lst: `${LISTS[0].lst}==` } },
      refused: UNUSED,
    },
    { name: 'has no list', claims: { status_list: undefined }, refused: UNUSED },
    { name: 'is an entitlement', header: { typ: 'entitlement+jwt' }, refused: UNUSED },
  ],
}
