import { circle, curve, HEIGHT, path, type Point, rect, stroke, svg, times, WIDTH } from './draw.ts'

const INK = '#2a1a10'
const CRUST = '#e3b36a'

/** A woodcut in two colours: a round loaf, cut lines, ears of rye and steam. */
export function bread(): string {
  const loaf = 'M240 560C210 360 400 270 600 270S990 360 960 560C950 640 800 660 600 660S250 640 240 560Z'
  const hatching = times(26, (index) => {
    const y = 470 + index * 8
    return stroke(`M${300 + index * 3} ${y}q300 ${34 + index} 600 0`, INK, 2 + index * 0.22, 'opacity=".8"')
  })
  const cuts = [-190, -70, 50, 170].map((shift) =>
    path(
      `M${560 + shift} 330q70 80 20 190q-16 10-26-4q34-100-24-172q8-20 30-14Z`,
      '#fbf3e2',
      `stroke="${INK}" stroke-width="5"`,
    ),
  )
  const steam = [430, 600, 770].map((x, index) =>
    stroke(
      curve(times(6, (step): Point => [x + (step % 2 === 0 ? -22 : 22), 230 - step * 34 - index * 6])),
      INK,
      7,
      'opacity=".55"',
    ),
  )
  return svg(
    rect(0, 0, WIDTH, HEIGHT, '#f4e6cd'),
    ...times(32, (index) => stroke(`M0 ${690 + index * 6}H1200`, INK, 1 + index * 0.1, 'opacity=".5"')),
    ...steam,
    `<g>${path(loaf, CRUST, `stroke="${INK}" stroke-width="10"`)}<clipPath id="a"><path d="${loaf}"/></clipPath><g clip-path="url(#a)">${hatching.join('')}</g>${cuts.join('')}</g>`,
    ear(150, 700, -18),
    ear(1050, 700, 18),
    ear(95, 720, -34),
    ear(1105, 720, 34),
    circle(600, 800, 0, INK),
  )
}

function ear(x: number, y: number, angle: number): string {
  const grains = times(9, (index) => {
    const at = -180 - index * 34
    return [-1, 1].map((side) =>
      path(
        `M0 ${at}q${side * 34} -16 ${side * 26} -62q${side * -26} 14 ${side * -26} 62Z`,
        '#c98f3f',
        `stroke="${INK}" stroke-width="4"`,
      ),
    )
  })
  return `<g transform="translate(${x} ${y}) rotate(${angle})">${stroke('M0 0V-500', INK, 6)}${grains.flat().join('')}</g>`
}
