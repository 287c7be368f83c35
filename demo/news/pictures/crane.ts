import { randomFrom } from '../../random.ts'
import { HEIGHT, line, type Point, rect, stroke, svg, times, WIDTH } from './draw.ts'

const INK = '#1d2430'

/** An engraving: everything is parallel lines, thicker where it is darker. */
export function crane(): string {
  const random = randomFrom(12)
  const sky = times(66, (index) => {
    const y = 14 + index * 9
    const cloud = 0.9 + 1.1 * Math.max(0, Math.sin(index * 0.32)) + random() * 0.3
    return stroke(`M0 ${y}C300 ${y + 7} 700 ${y - 9} ${WIDTH} ${y + 4}`, INK, Number(cloud.toFixed(1)), 'opacity=".34"')
  })
  const water = times(20, (index) =>
    stroke(
      `M0 ${640 + index * 8}q60 ${index % 2 === 0 ? 7 : -7} 120 0t120 0t120 0t120 0t120 0t120 0t120 0t120 0t120 0t120 0`,
      INK,
      1.4 + index * 0.22,
      'opacity=".6"',
    ),
  )
  return svg(
    rect(0, 0, WIDTH, HEIGHT, '#efe9dc'),
    ...sky,
    ...water,
    rect(380, 588, 820, 56, '#efe9dc'),
    ...times(52, (index) => stroke(`M${390 + index * 16} 590l-14 52`, INK, 2.2)),
    stroke('M380 588H1200M372 644H1200', INK, 6),
    warehouse(),
    tower(),
  )
}

function warehouse(): string {
  return [
    rect(960, 420, 240, 168, '#efe9dc', `stroke="${INK}" stroke-width="4"`),
    ...times(22, (index) => stroke(`M${968 + index * 11} 424V586`, INK, 2.4)),
    stroke('M940 424L1080 350L1220 424', INK, 6),
    ...times(3, (index) => rect(984 + index * 70, 470, 38, 54, '#efe9dc', `stroke="${INK}" stroke-width="4"`)),
  ].join('')
}

/** Legs, cabin, arm and ropes: bars with a lattice between them. */
function tower(): string {
  return [
    lattice([560, 588], [620, 250], 26, 12),
    lattice([780, 588], [720, 250], 26, 12),
    stroke('M545 470H795M560 380H780', INK, 9),
    rect(590, 188, 190, 78, '#a8322a', `stroke="${INK}" stroke-width="6"`),
    ...times(15, (index) => stroke(`M${598 + index * 12} 192V262`, INK, 1.8, 'opacity=".7"')),
    rect(604, 204, 52, 34, '#efe9dc', `stroke="${INK}" stroke-width="4"`),
    lattice([640, 196], [150, 60], 22, 16),
    lattice([760, 196], [930, 130], 20, 7),
    rect(900, 126, 74, 56, '#a8322a', `stroke="${INK}" stroke-width="6"`),
    stroke('M690 188V70M690 70L180 62M690 70L920 128M690 70L420 126', INK, 4),
    stroke('M190 76V380M204 76V380', INK, 3),
    stroke('M184 380h28v22q0 26-18 26t-18-20', INK, 7),
  ].join('')
}

function lattice(from: Point, to: Point, width: number, steps: number): string {
  const [dx, dy] = [to[0] - from[0], to[1] - from[1]]
  const length = Math.hypot(dx, dy)
  const [nx, ny] = [(-dy / length) * (width / 2), (dx / length) * (width / 2)]
  const at = (step: number, side: number): Point => [
    from[0] + (dx * step) / steps + nx * side,
    from[1] + (dy * step) / steps + ny * side,
  ]
  const zigzag = times(steps + 1, (step) => at(step, step % 2 === 0 ? 1 : -1))
  const back = times(steps + 1, (step) => at(step, step % 2 === 0 ? -1 : 1))
  return [
    stroke(`${line([at(0, 1), at(steps, 1)])}${line([at(0, -1), at(steps, -1)])}`, '#a8322a', 8),
    stroke(`${line(zigzag)}${line(back)}`, INK, 3),
  ].join('')
}
