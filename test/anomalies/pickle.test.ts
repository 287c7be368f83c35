import { describe, expect, it } from 'vitest'
import { readColumns } from '../../bench/anomalies/handbook/frame.ts'
import { Made, readPickle } from '../../bench/anomalies/handbook/pickle.ts'

/** A table of three rows as pandas 1 pickles one: a block of numbers, one stored by column, and one of texts and numbers. */
const TABLE = [
  'gASVywMAAAAAAACMEXBhbmRhcy5jb3JlLmZyYW1llIwJRGF0YUZyYW1llJOUKYF9lCiMBV9kYXRhlIwecGFuZGFzLmNvcmUuaW50ZXJuYWxzLm',
  '1hbmFnZXJzlIwMQmxvY2tNYW5hZ2VylJOUKYEoXZQojBhwYW5kYXMuY29yZS5pbmRleGVzLmJhc2WUjApfbmV3X0luZGV4lJOUaAmMBUluZGV4',
  'lJOUfZQojARkYXRhlIwVbnVtcHkuY29yZS5tdWx0aWFycmF5lIwMX3JlY29uc3RydWN0lJOUjAVudW1weZSMB25kYXJyYXmUk5RLAIWUQwFilI',
  'eUUihLAUsFhZRoE4wFZHR5cGWUk5SMAk84lEsASwGHlFIoSwOMATyUTk5OSv////9K/////0sAdJRiiV2UKIwLQ1VTVE9NRVJfSUSUjAlUWF9B',
  'TU9VTlSUjA9UWF9USU1FX1NFQ09ORFOUjAhUWF9GUkFVRJSMEVRYX0ZSQVVEX1NDRU5BUklPlGV0lGKMBG5hbWWUTnWGlFJoC4wbcGFuZGFzLm',
  'NvcmUuaW5kZXhlcy5udW1lcmljlIwKSW50NjRJbmRleJSTlH2UKGgPaBJoFWgWaBeHlFIoSwFLA4WUaBuMAmk4lEsASwGHlFJoH2KJQxgAAAAA',
  'AAAAAAEAAAAAAAAAAgAAAAAAAACUdJRiaCdOdYaUUmVdlChoEmgVaBZoF4eUUihLAUsBSwOGlGgbjAJmOJRLAEsBh5RSaB9iiUMYAAAAAAAA+D',
  '8AAAAAAAACQAAAAAAAAAhAlHSUYmgSaBVoFmgXh5RSKEsBSwJLA4aUaBtoL0sASwGHlFJoH2KIQzAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAD',
  'AAAAAAAAAAEAAAAAAAAAAAAAAAAAAACUdJRiaBJoFWgWaBeHlFIoSwFoPGgbaBxLAEsBh5RSaB9iiV2UKIwBN5RLCIwBOZRLCksUjAIzMJRldJ',
  'RiZV2UfZSMBjAuMTQuMZR9lCiMBGF4ZXOUXZQoaAtoKFJoC2gzUmWMBmJsb2Nrc5RdlCh9lCiMBnZhbHVlc5RoEmg1Umg6YowIbWdyX2xvY3OU',
  'jAhidWlsdGluc5SMBXNsaWNllJOUSwFLAksBh5RSdX2UKGhQaBJoO1JoP2JoUWhUSwNLBUsBh5RSdX2UKGhQaBJoQFJoRmJoUWgSaBVoFmgXh5',
  'RSKEsBSwKFlGgbaC9LAEsBh5RSaB9iiUMQAAAAAAAAAAACAAAAAAAAAJR0lGJ1ZXVzdJRijARfdHlwlIwJZGF0YWZyYW1llHViLg==',
].join('')

const bytesOf = (text: string): Uint8Array => Uint8Array.from(text, (each) => each.charCodeAt(0))
const text = (value: string): string => `\x8c${String.fromCharCode(value.length)}${value}`

describe('a pickle', () => {
  it('of a table has its columns', () => {
    expect(Object.fromEntries(readColumns(bytesOf(atob(TABLE))))).toEqual({
      CUSTOMER_ID: [7, 8, 9],
      TX_AMOUNT: [1.5, 2.25, 3],
      TX_TIME_SECONDS: [10, 20, 30],
      TX_FRAUD: [0, 0, 1],
      TX_FRAUD_SCENARIO: [0, 3, 0],
    })
  })

  it('calls nothing: what it would have made is named', () => {
    const made = readPickle(
      bytesOf(`\x80\x04${text('builtins')}${text('slice')}\x93K\x01K\x05\x86R.`),
      new Set(['builtins.slice']),
    )
    expect(made).toEqual(new Made('builtins.slice', [1, 5]))
  })

  it.each([
    [
      'a name that is not allowed',
      `\x80\x04${text('os')}${text('system')}\x93${text('id')}\x85R.`,
      'not allowed: os.system',
    ],
    ['an instruction of older protocols', "cos\nsystem\n(S'id'\ntR.", 'an instruction that is not known: 99'],
    ['no end', '\x80\x04K\x01', 'it ends early'],
    ['a text longer than itself', '\x80\x04\x8c\xffab', 'it ends early'],
    ['nothing on its stack', '\x80\x04.', 'nothing is on the stack'],
    ['what was not kept', '\x80\x04h\x07.', 'nothing was kept as 7'],
    ['a call of what is no name', '\x80\x04K\x01)R.', 'what is called is no name'],
  ])('with %s is refused', (_, pickled, why) => {
    expect(() => readPickle(bytesOf(pickled), new Set())).toThrow(why)
  })
})
