import { randomFrom } from '../../random.ts'
import { circle, curve, HEIGHT, path, type Point, rect, stroke, svg, times, WIDTH } from './draw.ts'

const LAYERS = ['#7cc0b4', '#4fa596', '#2f8577', '#1d665d', '#0f4744'] as const

/** Cut paper: five layers of blades, with fish between them and light from above. */
export function seagrass(): string {
  const random = randomFrom(21)
  const rays = times(6, (index) => path(`M${index * 230 - 60} 0h110l-130 ${HEIGHT}h-190Z`, '#ffffff', 'opacity=".09"'))
  const layers = LAYERS.flatMap((colour, depth) => [
    ...times(22 - depth * 2, (index) =>
      blade(index * (62 + depth * 6) + random() * 30, 320 + depth * 55 + random() * 120, colour, random),
    ),
    ...(depth < 4
      ? times(2, () => fish(80 + random() * 1000, 240 + depth * 95 + random() * 60, 26 + depth * 8, random() > 0.5))
      : []),
  ])
  const bubbles = times(14, () =>
    circle(
      random() * WIDTH,
      60 + random() * 420,
      3 + random() * 9,
      'none',
      'stroke="#eafaf4" stroke-width="3" opacity=".7"',
    ),
  )
  return svg(
    '<defs><linearGradient id="a" x1="0" y1="0" x2="0" y2="1"><stop offset="0" stop-color="#d9f2e6"/><stop offset="1" stop-color="#8fcfc4"/></linearGradient></defs>',
    rect(0, 0, WIDTH, HEIGHT, 'url(#a)'),
    ...rays,
    ...layers,
    path(`${curve(times(9, (index): Point => [index * 150, 752 + (index % 2) * 18]))}V${HEIGHT}H0Z`, '#0a3231'),
    ...bubbles,
  )
}

function blade(x: number, top: number, colour: string, random: () => number): string {
  const [lean, width] = [(random() - 0.5) * 150, 9 + random() * 9]
  const right = curve([
    [x + width, HEIGHT],
    [x + width + lean * 0.2, (top + HEIGHT) / 2],
    [x + lean, top],
  ])
  const left = curve([
    [x + lean, top],
    [x - width + lean * 0.2, (top + HEIGHT) / 2 + 30],
    [x - width, HEIGHT],
  ]).replace(/^M/, 'L')
  return path(`${right}${left}Z`, colour)
}

function fish(x: number, y: number, size: number, isLeft: boolean): string {
  const body = `<ellipse rx="${size}" ry="${size * 0.42}" fill="#f2a65a"/>`
  const tail = path(`M${-size * 0.8} 0l${-size * 0.7} ${-size * 0.42}v${size * 0.84}Z`, '#e07f3f')
  return `<g transform="translate(${x.toFixed(0)} ${y.toFixed(0)})${isLeft ? ' scale(-1 1)' : ''}">${tail}${body}${stroke(`M${size * 0.15} ${-size * 0.3}q${size * 0.18} ${size * 0.3} 0 ${size * 0.6}`, '#c9652b', 3)}${circle(size * 0.6, -size * 0.08, 3.5, '#0a3231')}</g>`
}
