/** Where addresses are of people and where they are not: relays that many share, clouds that programs run in. */

/**
 * Systems at which the address of a person is not that person's own: relays of iCloud and Warp, and VPN services. Nobody
 * connects a home to one of them. Each number was looked up in lists of networks that others publish, in November 2026. They
 * change hands: one that is missing makes a VPN look like another hand, one that has a new owner hides one.
 */
const RELAYS: ReadonlySet<number> = new Set([
  // Cloudflare, for Warp and iCloud Private Relay; Fastly and Akamai (36183, 20940), for the latter.
  13335, 132892, 209242, 54113, 36183, 20940,
  // Whose servers VPN services rent: M247; Datacamp, which is CDN77; 31173 Services.
  9009, 60068, 212238, 39351,
  // VPN services' own: PacketHub, of NordVPN; Proton; Mullvad; Cyberzone, of Surfshark.
  136787, 141039, 147049, 207137, 209103, 216025, 209854,
])

/** Systems that programs run in: a job that starts anew has another address each time. */
const CLOUDS: ReadonlySet<number> = new Set([
  // Amazon; Google; Microsoft; GitHub; Oracle; Alibaba; Tencent.
  16509, 14618, 15169, 396982, 19527, 8075, 8068, 36459, 31898, 45102, 37963, 132203,
  // DigitalOcean; Hetzner; OVH; Linode; Scaleway; Contabo; Vultr; Packet, which was Equinix Metal; Fly.
  14061, 24940, 213230, 212317, 16276, 63949, 12876, 51167, 20473, 54825, 40509,
])

/** Returns what stands at an address, as far as its system says. */
export function placeKind(asn: number | undefined): 'relay' | 'cloud' | 'other' {
  if (asn === undefined) return 'other'
  if (RELAYS.has(asn)) return 'relay'
  return CLOUDS.has(asn) ? 'cloud' : 'other'
}

const COUNTRIES: Readonly<Record<string, string>> = {
  AF: 'AO BF BI BJ BW CD CF CG CI CM CV DJ DZ EG EH ER ET GA GH GM GN GQ GW KE KM LR LS LY MA MG ML MR MU MW MZ NA NE NG RE RW SC SD SH SL SN SO SS ST SZ TD TG TN TZ UG YT ZA ZM ZW',
  AN: 'AQ BV GS HM TF',
  AS: 'AE AF AM AZ BD BH BN BT CC CN CX CY GE HK ID IL IN IO IQ IR JO JP KG KH KP KR KW KZ LA LB LK MM MN MO MV MY NP OM PH PK PS QA SA SG SY TH TJ TL TM TR TW UZ VN YE',
  EU: 'AD AL AT AX BA BE BG BY CH CZ DE DK EE ES FI FO FR GB GG GI GR HR HU IE IM IS IT JE LI LT LU LV MC MD ME MK MT NL NO PL PT RO RS RU SE SI SJ SK SM UA VA XK',
  NA: 'AG AI AW BB BL BM BQ BS BZ CA CR CU CW DM DO GD GL GP GT HN HT JM KN KY LC MF MQ MS MX NI PA PM PR SV SX TC TT US VC VG VI',
  OC: 'AS AU CK FJ FM GU KI MH MP NC NF NR NU NZ PF PG PN PW SB TK TO TV UM VU WF WS',
  SA: 'AR BO BR CL CO EC FK GF GY PE PY SR UY VE',
}

const CONTINENTS: ReadonlyMap<string, string> = new Map(
  Object.entries(COUNTRIES).flatMap(([continent, countries]) =>
    countries.split(' ').map((country): [string, string] => [country, continent]),
  ),
)

/** Returns the continent of a country, by their codes of two letters; undefined if the country is not known. */
export function continentOf(country: string): string | undefined {
  return CONTINENTS.get(country)
}
