import { randomFrom } from '../../random.ts'
import { circle, HEIGHT, path, polygon, rect, stroke, svg, times, WIDTH } from './draw.ts'

const SEA = 520

/** Flat shapes at night: moon, town, a lit ferry and its light on the water. */
export function ferry(): string {
  const random = randomFrom(7)
  const stars = times(70, () =>
    circle(random() * WIDTH, random() * 420, 0.8 + random() * 1.6, '#dfe9ff', 'opacity=".7"'),
  )
  const houses = times(26, (index) => {
    const [x, height] = [index * 48 - 20, 34 + random() * 92]
    const lit = random() > 0.45 ? rect(x + 14, SEA - height + 16, 9, 12, '#f5c86b') : ''
    return `${rect(x, SEA - height, 44, height, '#12233f')}${polygon(
      [
        [x - 3, SEA - height],
        [x + 22, SEA - height - 20],
        [x + 47, SEA - height],
      ],
      '#0d1b33',
    )}${lit}`
  })
  const glitter = times(90, () => {
    const y = SEA + 12 + random() ** 1.4 * 260
    const spread = 30 + (y - SEA) * 0.55
    const x = 880 + (random() - 0.5) * spread * 2
    return stroke(
      `M${x.toFixed(0)} ${y.toFixed(0)}h${(12 + random() * 40).toFixed(0)}`,
      '#f7e2ad',
      3,
      `opacity="${(0.15 + random() * 0.5).toFixed(2)}"`,
    )
  })
  const waves = times(60, () =>
    stroke(
      `M${(random() * WIDTH).toFixed(0)} ${(SEA + 20 + random() * 250).toFixed(0)}h${(30 + random() * 90).toFixed(0)}`,
      '#2a4a78',
      3,
      'opacity=".6"',
    ),
  )
  return svg(
    '<defs><linearGradient id="a" x1="0" y1="0" x2="0" y2="1"><stop offset="0" stop-color="#0a1430"/><stop offset="1" stop-color="#3a4f86"/></linearGradient></defs>',
    rect(0, 0, WIDTH, SEA, 'url(#a)'),
    ...stars,
    circle(880, 190, 130, '#f7e2ad', 'opacity=".12"'),
    circle(880, 190, 82, '#f7e2ad'),
    ...houses,
    rect(0, SEA, WIDTH, HEIGHT - SEA, '#14294d'),
    ...waves,
    ...glitter,
    boat(),
  )
}

function boat(): string {
  const windows = times(11, (index) => rect(318 + index * 44, 500, 26, 24, '#ffd77a', 'rx="3"'))
  const reflections = times(11, (index) =>
    stroke(`M${331 + index * 44} 640v${30 + ((index * 37) % 50)}`, '#ffd77a', 7, 'opacity=".35"'),
  )
  return [
    ...reflections,
    path('M210 546H880q-30 80-84 88H300q-66-18-90-88Z', '#b8352b'),
    rect(214, 546, 662, 12, '#f3ead8'),
    rect(290, 482, 520, 64, '#f3ead8', 'rx="6"'),
    ...windows,
    rect(350, 424, 330, 58, '#fffaf0', 'rx="6"'),
    ...times(6, (index) => rect(372 + index * 50, 440, 30, 22, '#ffd77a', 'rx="3"')),
    rect(600, 372, 90, 52, '#f3ead8', 'rx="5"'),
    rect(612, 382, 66, 20, '#ffd77a'),
    polygon(
      [
        [430, 424],
        [440, 344],
        [500, 344],
        [510, 424],
      ],
      '#223a66',
    ),
    rect(436, 362, 68, 18, '#e0a83a'),
    stroke('M760 482V380M760 390l-80 -8M760 390l50 92', '#dfe9ff', 3),
    circle(760, 376, 7, '#ff6a4d'),
    stroke('M250 640q60 14 120 0t120 0t120 0t120 0t90 0', '#dfe9ff', 4, 'opacity=".7"'),
  ].join('')
}
