import { HEIGHT, rect, stroke, svg, times, WIDTH } from './draw.ts'

/** What each day takes and what selling costs, in thousands. */
const DAYS = [
  ['Mon', 27.2, 7.1],
  ['Tue', 28.4, 7.1],
  ['Wed', 28.9, 7.1],
  ['Thu', 28.1, 7.1],
  ['Fri', 31.6, 7.2],
  ['Sat', 17.9, 6.4],
  ['Sun', 6.8, 5.95],
] as const
const [LEFT, FLOOR, SCALE] = [130, 660, 16]
const FONT = 'font-family="Georgia, \'Liberation Serif\', serif" fill="#2b2118"'

/** A chart in the colours of a printed page. */
export function chart(): string {
  const grid = times(4, (index) => {
    const y = FLOOR - (index + 1) * 8 * SCALE
    return `${stroke(`M${LEFT} ${y}H1130`, '#c9b896', 2)}<text x="${LEFT - 18}" y="${y + 9}" font-size="26" text-anchor="end" ${FONT}>${(index + 1) * 8}</text>`
  })
  const bars = DAYS.map(([day, taken, sold], index) => {
    const x = LEFT + 30 + index * 140
    const isSunday = index === 6
    return [
      rect(x, FLOOR - taken * SCALE, 54, taken * SCALE, isSunday ? '#b8352b' : '#7a93a8'),
      rect(x + 58, FLOOR - sold * SCALE, 34, sold * SCALE, isSunday ? '#e8a79f' : '#c3cfd8'),
      `<text x="${x + 46}" y="${FLOOR + 44}" font-size="30" text-anchor="middle"${isSunday ? ' font-weight="bold"' : ''} ${FONT}>${day}</text>`,
    ].join('')
  })
  return svg(
    rect(0, 0, WIDTH, HEIGHT, '#f6ecd9'),
    ...grid,
    ...bars,
    stroke(`M${LEFT} ${FLOOR}H1130`, '#2b2118', 4),
    rect(LEFT + 30, 62, 30, 30, '#7a93a8'),
    `<text x="${LEFT + 74}" y="87" font-size="30" ${FONT}>taken in fares</text>`,
    rect(LEFT + 330, 62, 30, 30, '#c3cfd8'),
    `<text x="${LEFT + 374}" y="87" font-size="30" ${FONT}>spent on selling tickets</text>`,
  )
}
