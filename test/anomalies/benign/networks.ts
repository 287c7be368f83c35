/**
 * Where requests come from: lines at home, and carriers that put a country behind a few addresses. The numbers of networks are
 * invented; countries and AS numbers are real.
 */
import { DAY, MINUTE } from './calendar.ts'
import type { Random } from './random.ts'

/** A /24 or /48. */
export interface Network {
  readonly prefix: string
  readonly country: string
  readonly asn: number
}

/** The network by which a device is on the Internet at a time. */
export type Uplink = (time: number) => Network

export type Country = keyof typeof LANDS

/** Operators of lines with how many networks each has, those of phones, and the offset of the clock in winter. */
interface Land {
  readonly fixed: readonly [Operator, ...Operator[]]
  readonly mobile: readonly [Operator, ...Operator[]]
  readonly offset: number
}

type Operator = readonly [asn: number, networks: number]

const LANDS = {
  DE: {
    fixed: [
      [3320, 900],
      [3209, 500],
      [8881, 150],
      [6805, 300],
    ],
    mobile: [
      [3320, 40],
      [3209, 24],
      [6805, 16],
    ],
    offset: 1,
  },
  FR: {
    fixed: [
      [3215, 700],
      [12_322, 400],
      [15_557, 200],
    ],
    mobile: [
      [3215, 30],
      [51_207, 10],
    ],
    offset: 1,
  },
  GB: {
    fixed: [
      [2856, 700],
      [5089, 400],
      [5607, 300],
    ],
    mobile: [
      [12_576, 14],
      [206_067, 10],
    ],
    offset: 0,
  },
  US: {
    fixed: [
      [7922, 2000],
      [701, 700],
      [7018, 900],
    ],
    mobile: [
      [21_928, 60],
      [20_057, 30],
      [6167, 50],
    ],
    offset: -5,
  },
  JP: {
    fixed: [
      [4713, 900],
      [2516, 500],
      [17_676, 500],
    ],
    mobile: [
      [9605, 40],
      [2516, 30],
    ],
    offset: 9,
  },
  IN: {
    fixed: [
      [24_560, 200],
      [9829, 150],
    ],
    mobile: [
      [55_836, 12],
      [45_609, 10],
    ],
    offset: 5.5,
  },
  BR: {
    fixed: [
      [28_573, 500],
      [26_599, 300],
    ],
    mobile: [
      [26_615, 12],
      [26_599, 12],
    ],
    offset: -3,
  },
  NG: {
    fixed: [[37_282, 20]],
    mobile: [
      [29_465, 4],
      [36_873, 3],
    ],
    offset: 1,
  },
  AU: {
    fixed: [
      [1221, 400],
      [4764, 200],
    ],
    mobile: [
      [1221, 16],
      [133_612, 10],
    ],
    offset: 11,
  },
  PL: {
    fixed: [
      [5617, 300],
      [12_741, 100],
    ],
    mobile: [
      [5617, 12],
      [8374, 12],
    ],
    offset: 1,
  },
  CH: {
    fixed: [
      [3303, 200],
      [6730, 120],
    ],
    mobile: [[3303, 8]],
    offset: 1,
  },
  ES: {
    fixed: [
      [3352, 400],
      [12_479, 200],
    ],
    mobile: [
      [3352, 14],
      [12_479, 8],
    ],
    offset: 1,
  },
  KE: { fixed: [[33_771, 20]], mobile: [[33_771, 4]], offset: 3 },
  CA: {
    fixed: [
      [577, 300],
      [812, 300],
    ],
    mobile: [
      [812, 12],
      [852, 12],
    ],
    offset: -5,
  },
  SG: { fixed: [[9506, 100]], mobile: [[9506, 6]], offset: 8 },
  TH: { fixed: [[45_758, 80]], mobile: [[131_445, 6]], offset: 7 },
} as const satisfies Record<string, Land>

/** Returns the hours by which clocks of a country are ahead of UTC. */
export const offsetOf = (country: Country): number => LANDS[country].offset

export function networkOf(asn: number, country: string, number: number): Network {
  return { prefix: `${asn}/${country}/${number}`, country, asn }
}

function drawn(random: Random, country: Country, kind: 'fixed' | 'mobile'): Network {
  const [asn, networks] = random.pick(LANDS[country][kind])
  return networkOf(asn, country, random.int(networks))
}

/** One network for good: an office, a server, a line with an address of its own. */
export function fixedIn(random: Random, country: Country): Uplink {
  const network = drawn(random, country, 'fixed')
  return () => network
}

/** A line whose operator gives it another address every few days, some every night. */
export function homeIn(random: Random, country: Country): Uplink {
  const [asn, networks] = random.pick(LANDS[country].fixed)
  const days = random.isBy(0.25) ? 1 : random.between(4, 60)
  return changing(random, days * DAY, () => networkOf(asn, country, random.int(networks)))
}

/** A phone: its carrier shows it to the world behind one of a few addresses, and now and then behind another. */
export function mobileIn(random: Random, country: Country, minutes = 240): Uplink {
  const [asn, networks] = random.pick(LANDS[country].mobile)
  return changing(random, minutes * MINUTE, () => networkOf(asn, country, random.int(networks)))
}

/** A phone in a train: the network of the carrier, the train's or a station's, for a few minutes each. */
export function commuting(random: Random, country: Country): Uplink {
  const phone = mobileIn(random, country, 9)
  const onboard = drawn(random, country, 'fixed')
  const stations = [drawn(random, country, 'fixed'), drawn(random, country, 'fixed')] as const
  let time = 0
  const next = changing(random, 5 * MINUTE, () =>
    random.isBy(0.6) ? phone(time) : random.isBy(0.7) ? onboard : random.pick(stations),
  )
  return (now) => {
    time = now
    return next(now)
  }
}

/** Networks that follow one another: each stays between half and one and a half of `milliseconds`. */
export function changing(random: Random, milliseconds: number, choose: () => Network): Uplink {
  let until = -1
  let network: Network | undefined
  return (time) => {
    if (network === undefined || time >= until) {
      network = choose()
      until = time + milliseconds * random.between(0.5, 1.5)
    }
    return network
  }
}
