import { publicUrl } from '../../../src/rails/crawl/rules/agent.ts'
import { offeredPrice } from '../../../src/rails/crawl/rules/prices.ts'
import { readSignatures } from '../../../src/rails/crawl/rules/signatures.ts'
import { ADDRESS, LIST, type Parser } from './pieces.ts'

/** The fields of a request that an agent has signed. */
const SIGNED = {
  'signature-input': `s=("@authority" "signature-agent";key="s");created=1;expires=2;keyid="${'A'.repeat(43)}";tag="web-bot-auth"`,
  signature: 's=:AA==:',
  'signature-agent': 's="https://bot.example"',
}

/** Reads the signature with the text in place of one of its fields, as far as a field may have it. */
function readWith(field: string, text: string): unknown {
  return readSignatures(new Headers({ ...SIGNED, [field]: text.replaceAll(/[^\x20-\x7e]/g, '') }))
}

/** What reads the fields of agents that sign their requests. */
export const AGENT_PARSERS: readonly Parser[] = [
  ...Object.keys(SIGNED).map(
    (field): Parser => ({
      name: `${field} of an agent`,
      pieces: [...LIST, '(', ')', 's=', 'tag="web-bot-auth"', '"@authority"', ':AA==:', '"https://', '.a'],
      heads: ['', 's=(', 's="https://a.'],
      read: (text) => readWith(field, text),
    }),
  ),
  {
    name: 'the price that a crawler offers',
    pieces: ['USD ', '0', '9', '.', '-', 'a'],
    read: (text) => offeredPrice(new Headers({ 'crawler-max-price': text })),
  },
  {
    name: 'the URL of an agent',
    pieces: [...ADDRESS, 'a', '..', '%2e', '['],
    heads: ['https://', ''],
    read: publicUrl,
  },
]
