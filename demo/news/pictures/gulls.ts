import { randomFrom } from '../../random.ts'
import { circle, curve, HEIGHT, type Point, path, rect, stroke, svg, times, WIDTH } from './draw.ts'

/** A map of contour lines, with flights over it. */
export function gulls(): string {
  const random = randomFrom(4)
  const contours = times(16, (ring) =>
    path(
      `${curve(closed(ringOf(560, 470, 70 + ring * 46, ring)))}Z`,
      ring === 15 ? 'none' : 'none',
      `stroke="#8fae9b" stroke-width="${ring % 4 === 0 ? 4 : 2}"`,
    ),
  )
  const flights = times(8, (index) => {
    const [from, bend] = [70 + random() * 120, 120 + index * 70]
    const points: Point[] = [
      [from, 640 + random() * 120],
      [260 + random() * 120, bend + 160],
      [560 + random() * 80, bend],
      [860 + random() * 60, 150 + index * 44],
      [1120, 110 + index * 52],
    ]
    return stroke(curve(points), '#fffdf5', 4, 'stroke-dasharray="2 11"')
  })
  const birds: readonly (readonly [number, number, number])[] = [
    [300, 300, 1.5],
    [520, 190, 1.1],
    [760, 330, 1.9],
    [930, 180, 1.2],
    [1010, 470, 1.4],
    [640, 520, 1],
  ]
  return svg(
    rect(0, 0, WIDTH, HEIGHT, '#3f6b5c'),
    path(`M0 0H330C250 180 380 300 270 430S300 700 170 ${HEIGHT}H0Z`, '#2f5873'),
    ...times(9, (index) => stroke(`M${20 + index * 6} ${70 + index * 80}q40 -18 80 0t80 0`, '#5d8aa6', 3)),
    ...contours,
    ...flights,
    ...times(12, (index) =>
      rect(
        880 + (index % 4) * 74,
        560 + Math.floor(index / 4) * 66,
        64,
        56,
        index % 3 === 0 ? '#b9a15a' : '#7f9a58',
        'rx="4"',
      ),
    ),
    ...birds.map(([x, y, size]) => gull(x, y, size)),
    circle(210, 560, 12, '#e9573f'),
    circle(210, 560, 24, 'none', 'stroke="#e9573f" stroke-width="4"'),
  )
}

function ringOf(x: number, y: number, radius: number, ring: number): Point[] {
  return times(14, (index): Point => {
    const angle = (index / 14) * 2 * Math.PI
    const wobble = 1 + 0.16 * Math.sin(angle * 3 + ring * 0.35) + 0.08 * Math.cos(angle * 5 - ring * 0.2)
    return [x + Math.cos(angle) * radius * wobble * 1.25, y + Math.sin(angle) * radius * wobble * 0.8]
  })
}

function closed(points: readonly Point[]): readonly Point[] {
  return [...points, ...points.slice(0, 1)]
}

function gull(x: number, y: number, size: number): string {
  return `<g transform="translate(${x} ${y}) scale(${size})">${path('M0 0C-24 -30 -56 -34 -84 -14C-54 -16 -26 -4 -6 16L0 22L6 16C26 -4 54 -16 84 -14C56 -34 24 -30 0 0Z', '#ffffff', 'stroke="#22423a" stroke-width="2"')}${path('M84 -14l-26 -9q14 1 26 9ZM-84 -14l26 -9q-14 1-26 9Z', '#22423a')}</g>`
}
