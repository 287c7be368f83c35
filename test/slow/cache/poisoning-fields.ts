import { type Attack, MARK } from './poisoning-requests.ts'

/** Fields that an origin may be shown once it has named them. */
export const NAMES = [
  'accept',
  'accept-language',
  'access-control-request-headers',
  'api-version',
  'client-ip',
  'cloudfront-viewer-country',
  'content-language',
  'content-type',
  'dnt',
  'expect',
  'host',
  'if-none-match',
  'next-url',
  'origin',
  'prefer',
  'range',
  'referer',
  'rsc',
  'save-data',
  'sec-ch-ua',
  'sec-fetch-mode',
  'te',
  'tracestate',
  'traceparent',
  'true-client-ip',
  'user-agent',
  'via',
  'x-api-key',
  'x-forwarded-for',
  'x-forwarded-host',
  'x-forwarded-proto',
  'x-http-method-override',
  'x-inertia',
  'x-real-ip',
  'x-requested-with',
  'x-tenant',
  'authorization',
  'cookie',
] as const

export function naming(name: string): readonly Attack[] {
  const line = name === 'host' ? 'X-Not-Host' : name
  return [
    { by: name, fields: [`${line}: ${MARK}`] },
    { by: `${name} twice`, fields: [`${line}: ${MARK}`, `${line}: b`] },
    { by: `an empty ${name}`, fields: [`${line}: `, `X-A: ${MARK}`] },
    {
      by: `${name} in another spelling`,
      fields: [`${line.replaceAll('-', '_')}: ${MARK}`, `${line.replaceAll('-', '.')}: ${MARK}`],
    },
    { by: `${name} in HEAD`, method: 'HEAD', fields: [`${line}: ${MARK}`] },
    { by: `${name} and no-cache`, fields: ['Cache-Control: no-cache', `${line}: ${MARK}`] },
    { by: `${name} that Connection ends`, fields: [`Connection: ${name}`, `${line}: ${MARK}`] },
  ]
}

/** Each is the page of a reader who sends the field as well: no other value may stand behind his. */
export function mistaking(name: string): readonly Attack[] {
  const spellings = [
    'acme\xa0',
    '\xa0acme',
    'acme\x0b',
    '\x0cacme',
    'acme,',
    ',acme',
    'acme;q=1',
    'acme;q=0.5',
    '"acme"',
    'ACME',
    'acme, ',
    'acme\t',
  ]
  return [
    ...spellings.map((value) => ({ by: `${name} as ${JSON.stringify(value)}`, fields: [`${name}: ${value}`] })),
    { by: `${name} that Connection ends`, fields: [`Connection: ${name}`, `${name}: acme`] },
    {
      by: `${name} that Connection ends among others`,
      fields: [`Connection: close, ${name.toUpperCase()}`, `${name}: acme`],
    },
    { by: `${name} in HEAD`, method: 'HEAD', fields: [`${name}: acme`, `X-A: ${MARK}`] },
    { by: `${name} in a part`, fields: [`${name}: acme`, 'Range: bytes=0-0'] },
  ]
}
