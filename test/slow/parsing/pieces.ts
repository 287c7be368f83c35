/** Something that reads what clients or origins send. */
export interface Parser {
  readonly name: string
  /** What its inputs are made of: what it knows, what divides that, and what is neither. */
  readonly pieces: readonly string[]
  readonly read: (text: string) => unknown
  /** What stands before and after a piece that is repeated, where it takes more than a letter to have it looked at. */
  readonly heads?: readonly string[]
  readonly tails?: readonly string[]
  /** How many inputs are tried, where that is not as many as elsewhere: of a path there is much to read. */
  readonly runs?: number
  /** How long the shorter of two inputs is, where the work grows faster up to a bound: of a path the number of readings does. */
  readonly characters?: number
}

export const LIST = [',', ' ', '\t', ';', '=', '"', '\\', 'a', 'b-c', 'q=', '0', '*', ':', '/']
export const PATH = [
  '/',
  '.',
  '..',
  '%',
  '%25',
  '%2e',
  '%2F',
  '%C3%A9',
  '%20',
  '+',
  ';',
  ':',
  'a',
  'A',
  '.php',
  'index.',
  '\\',
]
export const QUERY = ['&', '=', '%', '%ff', '%61', '+', 'a', 'utm_', '?', '/', '#', "'"]
export const TOKEN = ['a', '.', 'eyJ', '=', ' ', '\t', ',', ';', 'Bearer', '"', '-', '%', 'Basic ', '__Host-faregate=']
export const ADDRESS = [
  'o.test',
  'http:',
  'https:',
  '//',
  '/',
  '.',
  ':',
  '80',
  '<',
  '>',
  '"',
  ' ',
  ',',
  ';',
  'a',
  '-',
  '[',
  'url=',
]

export const HEADS: Readonly<Record<string, readonly string[]>> = {
  Authorization: ['', 'Bearer a', 'Basic '],
  Cookie: ['', '__Host-faregate=a', 'session=a'],
  'Sec-WebSocket-Protocol': ['', 'bearer,a'],
}
