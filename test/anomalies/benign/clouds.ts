/** Networks between a client and its place: relays, gateways of companies, clouds, and what flies or floats. */
import { HOUR, MINUTE } from './calendar.ts'
import { changing, type Country, type Network, networkOf, type Uplink } from './networks.ts'
import type { Random } from './random.ts'

const RELAYS = [13_335, 36_183, 54_113] as const
const NEIGHBOURS: Readonly<Record<string, string>> = { CH: 'DE', DE: 'NL', FR: 'BE', GB: 'IE', US: 'CA', CA: 'US' }

/** iCloud Private Relay: another egress every few minutes, of three operators, at times in the country next door. */
export function relayIn(random: Random, country: Country): Uplink {
  return changing(random, 8 * MINUTE, () => {
    const land = random.isBy(0.03) ? (NEIGHBOURS[country] ?? country) : country
    return networkOf(random.pick(RELAYS), land, random.int(80))
  })
}

const EGRESSES = [
  [9009, 'NL'],
  [9009, 'US'],
  [9009, 'GB'],
  [212_238, 'DE'],
  [212_238, 'SG'],
  [60_068, 'CZ'],
  [60_068, 'JP'],
  [9009, 'CH'],
  [39_351, 'SE'],
] as const

/** A VPN for everybody: whatever country its app finds fast, or its owner chooses, for an hour or two. */
export function vpnAnywhere(random: Random): Uplink {
  return changing(random, 1.5 * HOUR, () => {
    const [asn, country] = random.pick(EGRESSES)
    return networkOf(asn, country, random.int(12))
  })
}

/** A gateway of a company, through which all of its people go, whatever country they are in. */
export function gatewayOf(asn: number, country: string, number: number): Uplink {
  const networks = [networkOf(asn, country, number), networkOf(asn, country, number + 1)] as const
  return (time) => networks[Math.floor(time / HOUR) % 5 === 0 ? 1 : 0]
}

/** Ten regions of clouds that rent machines by the minute. */
export const REGIONS = [
  [16_509, 'US', 700],
  [16_509, 'IE', 200],
  [16_509, 'JP', 150],
  [14_618, 'US', 800],
  [8075, 'US', 600],
  [8075, 'NL', 250],
  [396_982, 'BE', 120],
  [396_982, 'SG', 90],
  [24_940, 'DE', 160],
  [14_061, 'IN', 60],
] as const

export type Region = (typeof REGIONS)[number]

/** A machine of that region, which nobody has seen before. */
export function machineIn(random: Random, [asn, country, networks]: Region): Network {
  return networkOf(asn, country, random.int(networks))
}

/** A machine that stays. */
export function serverIn(random: Random, region: Region): Uplink {
  const network = machineIn(random, region)
  return () => network
}

const COLOS = [
  'AE',
  'AR',
  'AT',
  'AU',
  'BR',
  'CA',
  'CH',
  'CL',
  'DE',
  'DK',
  'ES',
  'FI',
  'FR',
  'GB',
  'HK',
  'ID',
  'IE',
  'IN',
  'IT',
  'JP',
  'KE',
  'KR',
  'MX',
  'MY',
  'NG',
  'NL',
  'NO',
  'NZ',
  'PH',
  'PL',
  'PT',
  'RO',
  'SE',
  'SG',
  'TH',
  'TR',
  'TW',
  'US',
  'VN',
  'ZA',
] as const

/** A program that itself runs at the edge, wherever its own users are. */
export function edgeAnywhere(random: Random): Network {
  return networkOf(13_335, random.pick(COLOS), random.int(3))
}

/** The Wi-Fi of an aeroplane or a ship: the country is that of the ground station, or of the operator's registration. */
export function satellite(random: Random, hours: number): Uplink {
  const [asn, lands] = random.pick([
    [14_593, ['US', 'ES', 'DE', 'JP', 'BR', 'NG', 'PH', 'AU']],
    [64_294, ['US', 'CH', 'AU', 'JP']],
    [31_515, ['GB', 'NL', 'NO']],
  ] as const)
  return changing(random, hours * HOUR, () => networkOf(asn, lands[random.int(lands.length)] ?? 'US', random.int(5)))
}
