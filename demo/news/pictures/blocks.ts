import { circle, HEIGHT, type Point, polygon, rect, svg, times, WIDTH } from './draw.ts'

interface Colours {
  readonly top: string
  readonly left: string
  readonly right: string
}

const WALLS: readonly Colours[] = [
  { top: '#f6d9a8', left: '#e7a552', right: '#c9823a' },
  { top: '#f3b7a0', left: '#dd7256', right: '#b9533b' },
  { top: '#bcd8d6', left: '#76aba8', right: '#538784' },
  { top: '#f1efe6', left: '#d8d3c1', right: '#b4ad97' },
]
const GREEN: Colours = { top: '#8fb573', left: '#6c9552', right: '#55783f' }
const [SIDE, RISE] = [92, 78]

/** A house of stacked blocks, seen from above at an angle. */
export function blocks(): string {
  const heights = [
    [4, 4, 3],
    [4, 3, 3],
    [5, 2, 2],
    [5, 4, 1],
  ]
  const house = heights.flatMap((row, x) =>
    row.flatMap((height, y) => [
      ...times(height, (z) => block([x, y, z], WALLS[(x * 2 + y + z) % WALLS.length] ?? GREEN, true)),
      garden([x, y, height]),
    ]),
  )
  return svg(
    rect(0, 0, WIDTH, HEIGHT, '#dfe9f1'),
    circle(980, 150, 70, '#fbe3a1'),
    polygon(
      [
        [0, 560],
        [600, 400],
        [1200, 560],
        [1200, 800],
        [0, 800],
      ],
      '#a9c48c',
    ),
    polygon(
      [
        [0, 700],
        [600, 790],
        [1200, 690],
        [1200, 800],
        [0, 800],
      ],
      '#6fa3bf',
    ),
    ...house,
    ...[
      [130, 600],
      [230, 650],
      [1010, 600],
      [1090, 660],
      [930, 690],
    ].map(([x = 0, y = 0]) => tree(x, y)),
  )
}

function at([x, y, z]: readonly [number, number, number]): Point {
  return [600 + (x - y) * SIDE * 0.866 - 40, 470 + (x + y) * SIDE * 0.5 - z * RISE - 80]
}

function block(
  [x, y, z]: readonly [number, number, number],
  { top, left, right }: Colours,
  hasWindows: boolean,
): string {
  const corner = (dx: number, dy: number, dz: number): Point => at([x + dx, y + dy, z + dz])
  const faces = [
    polygon([corner(0, 0, 1), corner(1, 0, 1), corner(1, 1, 1), corner(0, 1, 1)], top),
    polygon([corner(0, 1, 1), corner(1, 1, 1), corner(1, 1, 0), corner(0, 1, 0)], left),
    polygon([corner(1, 0, 1), corner(1, 1, 1), corner(1, 1, 0), corner(1, 0, 0)], right),
  ]
  if (!hasWindows) return faces.join('')
  const pane = (x + y + z) % 3 === 0 ? '#fff3c4' : '#3d5466'
  return [
    ...faces,
    polygon([corner(0.2, 1, 0.78), corner(0.46, 1, 0.78), corner(0.46, 1, 0.28), corner(0.2, 1, 0.28)], pane),
    polygon([corner(0.6, 1, 0.78), corner(0.84, 1, 0.78), corner(0.84, 1, 0.28), corner(0.6, 1, 0.28)], pane),
    polygon([corner(1, 0.25, 0.78), corner(1, 0.72, 0.78), corner(1, 0.72, 0.28), corner(1, 0.25, 0.28)], '#2f4353'),
  ].join('')
}

function garden([x, y, z]: readonly [number, number, number]): string {
  const corner = (dx: number, dy: number): Point => at([x + dx, y + dy, z])
  const bed = polygon([corner(0.12, 0.12), corner(0.88, 0.12), corner(0.88, 0.88), corner(0.12, 0.88)], GREEN.top)
  const [cx, cy] = corner(0.5, 0.5)
  return `${bed}${(x + y) % 2 === 0 ? `${circle(cx, cy - 10, 17, GREEN.left)}${circle(cx + 14, cy - 2, 11, GREEN.right)}` : ''}`
}

function tree(x: number, y: number): string {
  return `${rect(x - 5, y, 10, 46, '#6b4a2f')}${circle(x, y - 18, 40, GREEN.left)}${circle(x + 14, y - 30, 22, GREEN.top)}`
}
